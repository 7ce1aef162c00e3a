import { setTimeout as delay } from "node:timers/promises";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import type { SpoolFolder } from "./folder.ts";
import type { Folders } from "./folders.ts";

export interface AdoptionOptions {
  folders: Pick<Folders, "takeOver">;
  /** Opens a folder so that it is delivered. */
  open: (path: string) => Promise<SpoolFolder>;
  /** Milliseconds between looks. */
  everyMs: number;
  /** Ends what is under way. */
  signal: AbortSignal;
  log: Log;
}

const POLL_MS = 100;

/** Takes over what the dead left, at once and again and again, one folder after another. `close` comes after the signal. */
export function startAdoption({ folders, open, everyMs, signal, log }: AdoptionOptions): Closable {
  const taken: string[] = [];
  let looking: Promise<void> | undefined;

  async function deliverAll(path: string): Promise<void> {
    const folder = await open(path);
    while (!signal.aborted && (await folder.backlog()) > 0) await delay(POLL_MS, undefined, { ref: false });
    if (signal.aborted) return folder.close();
    await folder.remove();
    log.info({ path }, "delivered what a process that died had in its spool");
  }

  async function takeOver(): Promise<void> {
    taken.push(...(await folders.takeOver()));
    for (let path = taken[0]; path !== undefined && !signal.aborted; path = taken[0]) {
      await deliverAll(path);
      taken.shift();
    }
  }

  function look(): void {
    looking ??= takeOver()
      .catch((error: unknown) => log.warn({ err: error }, "could not take over the spool of a process that died"))
      .finally(() => {
        looking = undefined;
      });
  }
  look();
  const timer = setInterval(look, everyMs);
  timer.unref();

  return {
    async close() {
      clearInterval(timer);
      await looking;
    },
  };
}
