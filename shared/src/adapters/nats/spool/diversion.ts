import { setImmediate as turn } from "node:timers/promises";
import type { Batch } from "../../../event-bus.ts";
import type { Published } from "../../../events.ts";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import { createCurrentFolder } from "./current-folder.ts";
import type { SpoolFolder, SpoolFolderOptions } from "./folder.ts";
import { createForward, type Outlet } from "./forward.ts";

/** The way round a NATS that takes nothing: into a folder, and from there to NATS in the same order. */
export interface Diversion extends Closable {
  /** True from the first event that was kept until all of them are on their way: what is sent directly meanwhile would fail, or overtake. */
  readonly active: boolean;
  readonly accepting: boolean;
  keep(published: Published): Promise<void>;
  /** Leaves a folder that another process has taken over. */
  check(): void;
  /** Leaves on the disk what is not delivered. To be called when the outlet's signal has ended the deliveries. */
  close(): Promise<void>;
}

export interface DiversionOptions {
  open: (handlers: Pick<SpoolFolderOptions, "deliver" | "onDelivered">) => Promise<SpoolFolder>;
  outlet: Outlet;
  log: Log;
}

export function createDiversion({ open, outlet, log }: DiversionOptions): Diversion {
  const forward = createForward({ ...outlet, onSent, onRefused });
  const current = createCurrentFolder(() => open({ deliver, onDelivered: settle }), log);
  let active = false;
  /** Whether NATS took the last batch: only then may others follow one that it has not acknowledged yet. */
  let healthy = false;
  let keeping = 0;

  function onSent({ events, dead }: Batch): void {
    if (healthy && keeping === 0 && events.length + dead.length === current.undelivered) active = false;
  }

  function onRefused(): void {
    healthy = false;
    active = true;
  }

  async function deliver(batch: Batch): Promise<void> {
    await forward(batch);
    healthy = true;
  }

  function settle(): void {
    if (keeping > 0 || current.undelivered > 0) return;
    active = false;
    healthy = false;
    current.leave();
  }

  return {
    get active() {
      return active;
    },
    get accepting() {
      return !active || current.accepting;
    },
    async keep(published) {
      active = true;
      keeping += 1;
      try {
        await current.keep(published);
      } finally {
        keeping -= 1;
        settle();
      }
    },
    check() {
      current.check();
      settle();
    },
    async close() {
      // What fails at this moment comes here still.
      do await turn();
      while (keeping > 0);
      await current.close();
    },
  };
}
