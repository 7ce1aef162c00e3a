import type { Published } from "../../../events.ts";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import { unavailable } from "../../unavailable.ts";
import type { SpoolFolder } from "./folder.ts";

/** The one folder that this process writes to, made when there is something to keep. `close` leaves what is not delivered. */
export interface CurrentFolder extends Closable {
  readonly accepting: boolean;
  /** Events in it that are not delivered yet. */
  readonly undelivered: number;
  keep(published: Published): Promise<void>;
  /** Deletes it, delivered or taken over as it is; the next to be kept gets another. */
  leave(): void;
  /** Leaves it if another process has taken it over. */
  check(): void;
}

export function createCurrentFolder(open: () => Promise<SpoolFolder>, log: Log): CurrentFolder {
  const leaving = new Set<Promise<void>>();
  let opening: Promise<SpoolFolder> | undefined;
  let folder: SpoolFolder | undefined;

  async function openFolder(): Promise<SpoolFolder> {
    try {
      folder = await open();
      return folder;
    } catch (error) {
      opening = undefined;
      throw unavailable("the gateway's spool cannot be opened", error);
    }
  }

  function leave(left = folder): void {
    if (!left || left !== folder) return;
    folder = undefined;
    opening = undefined;
    const removed = left
      .remove()
      .catch((error: unknown) => log.warn({ err: error }, "a folder of the spool could not be deleted"))
      .finally(() => leaving.delete(removed));
    leaving.add(removed);
  }

  async function keep(published: Published): Promise<void> {
    opening ??= openFolder();
    const into = await opening;
    try {
      await into.keep(published);
    } catch (error) {
      if (!into.isGone()) throw error;
      leave(into);
      await keep(published);
    }
  }

  return {
    get accepting() {
      return folder?.accepting ?? true;
    },
    get undelivered() {
      return folder?.undelivered ?? 0;
    },
    keep,
    leave() {
      if (folder) log.info("NATS has all that was in the spool");
      leave();
    },
    check() {
      if (folder?.isGone()) leave();
    },
    async close() {
      const last = folder;
      await last?.close();
      if (last && last.undelivered > 0) log.warn({ undelivered: last.undelivered }, "closed with facts in the spool");
      else await last?.remove();
      await Promise.all(leaving);
    },
  };
}
