import type { Log } from "@mcp-governance-bridge/shared";
import type { Document, RecordStore, Write } from "./record-store.ts";
import type { Recorder } from "./recorder.ts";
import { minuteMarks } from "./records/minute-marks.ts";
import { LOST_END, OPEN_END } from "./records/untold.ts";

interface LostCallsOptions {
  store: Pick<RecordStore, "aggregate">;
  recorder: Recorder;
  /** Milliseconds that a call's end may take, and its decision be on record, until nobody waits for it any longer. */
  unknownAfterMs: number;
  log: Log;
  now?: () => Date;
}

export interface LostCalls {
  /**
   * Records as `unknown` the calls whose end should have come. An end that comes later still counts.
   * Resolves to how many there were; stops early when the signal says so, or leaves the rest to the next run.
   */
  run(signal: AbortSignal): Promise<number>;
}

const PAGE = 500;
/** What one run closes at most, so that it ends. */
const MAX_PAGES = 100;
const { event_type } = OPEN_END;

export function createLostCalls({
  store,
  recorder,
  unknownAfterMs,
  log,
  now = () => new Date(),
}: LostCallsOptions): LostCalls {
  const openSince = (deadline: Date): Promise<Document[]> =>
    store.aggregate("tool_logs", [
      // A tracker that was away has its chance to hear of the end first.
      { $match: { event_type, timestamp: { $lt: deadline }, stored_at: { $lt: deadline } } },
      { $sort: { timestamp: 1 } },
      { $limit: PAGE },
      { $project: { timestamp: 1 } },
    ]);

  const closePage = async (): Promise<number> => {
    const time = now();
    const calls = await openSince(new Date(time.getTime() - unknownAfterMs));
    if (calls.length === 0) return 0;
    const times = calls.map(({ timestamp }) => (timestamp as Date).getTime());
    await recorder.record([...calls.map(lost), ...minuteMarks(times, time)]);
    return calls.length;
  };

  return {
    async run(signal) {
      let closed = 0;
      for (let page = 0; page < MAX_PAGES && !signal.aborted; page += 1) {
        const count = await closePage();
        closed += count;
        if (count < PAGE) break;
      }
      if (closed > 0) log.warn({ calls: closed }, "calls whose end nobody saw are recorded as unknown");
      return closed;
    },
  };
}

function lost({ _id, timestamp }: Document): Write {
  return {
    collection: "tool_logs",
    id: String(_id),
    set: LOST_END,
    onlyIf: { event_type },
    fact: { part: "lost", at: timestamp as Date },
  };
}
