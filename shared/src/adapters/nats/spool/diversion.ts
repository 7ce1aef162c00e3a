import { setImmediate as turn } from "node:timers/promises";
import type { Batch } from "../../../event-bus.ts";
import type { Published } from "../../../events.ts";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import { createCurrentFolder } from "./current-folder.ts";
import type { SpoolFolder, SpoolFolderOptions } from "./folder.ts";
import { createForward, type Outlet } from "./forward.ts";
import { createQueueOfTurns } from "./queue-of-turns.ts";

/** The way round a NATS that takes nothing: into a folder, and from there to NATS in the same order. */
export interface Diversion extends Closable {
  /** True from the first event that was kept until NATS has all of them: what is sent directly meanwhile would fail, or overtake. */
  readonly active: boolean;
  readonly accepting: boolean;
  /**
   * To be waited for while it is active, before anything more is kept. While NATS takes what was kept, it resolves at the end of the batch in
   * hand, and on the last stretch when all is delivered: else there would always be one more event that came meanwhile.
   */
  turn(): Promise<void>;
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

/** Events that are delivered within a moment. */
const LAST_STRETCH = 1_000;
/** Where the disk cannot be read, no batch ends. */
const LONGEST_TURN_MS = 1_000;

export function createDiversion({ open, outlet, log }: DiversionOptions): Diversion {
  const forward = createForward({ ...outlet, onRefused });
  const current = createCurrentFolder(() => open({ deliver, onDelivered: settle }), log);
  const turns = createQueueOfTurns(LONGEST_TURN_MS);
  let active = false;
  /** Whether NATS took the last batch. */
  let healthy = false;
  let keeping = 0;

  function onRefused(): void {
    healthy = false;
    turns.release();
  }

  async function deliver(batch: Batch): Promise<void> {
    await forward(batch);
    healthy = true;
  }

  function settle(): void {
    if (keeping === 0 && current.undelivered === 0) {
      active = false;
      healthy = false;
      current.leave();
      turns.release();
    } else if (current.undelivered > LAST_STRETCH) turns.release();
  }

  return {
    get active() {
      return active;
    },
    get accepting() {
      return !active || current.accepting;
    },
    async turn() {
      if (healthy) await turns.wait();
    },
    async keep(published) {
      active = true;
      keeping += 1;
      try {
        await current.keep(published);
      } finally {
        keeping -= 1;
        if (current.undelivered === 0) settle();
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
