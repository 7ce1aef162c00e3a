import type { Write } from "./record-store.ts";

/** The one way into the audit trail. */
export interface Recorder {
  /**
   * Resolves once the writes are kept, and with them the next block of this process's chain, which names the facts
   * among them. Writes of one document may come several times. Calls take turns.
   */
  record(writes: readonly Write[]): Promise<void>;
}
