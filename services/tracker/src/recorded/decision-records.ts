import { laterThan } from "../later-than.ts";
import type { Document, RecordStore } from "../record-store.ts";
import type { DecisionRecord } from "./request-of.ts";

type Source = Pick<RecordStore, "aggregate">;

/** Arguments may be large, and a page of them is in memory. */
const PAGE = 250;

/** A decision with its call; undefined where there is none of that id. */
export async function findDecision(source: Source, id: string): Promise<DecisionRecord | undefined> {
  const [decision] = await source.aggregate("governance_logs", [{ $match: { _id: id } }, { $limit: 1 }]);
  return decision && (await recordsOf(source, [decision], []))[0];
}

const WITHOUT_ANSWERS = { $project: { outputs: 0, masked: 0 } };

/** The decisions since then with their calls but for the answers, oldest first, a page at a time. */
export async function* decisionsSince(source: Source, from: Date): AsyncGenerator<readonly DecisionRecord[]> {
  let after: Document = { timestamp: { $gte: from } };
  for (;;) {
    const decisions = await source.aggregate("governance_logs", [
      { $match: after },
      { $sort: { timestamp: 1, _id: 1 } },
      { $limit: PAGE },
    ]);
    const last = decisions.at(-1);
    if (!last) return;
    yield await recordsOf(source, decisions, [WITHOUT_ANSWERS]);
    if (decisions.length < PAGE) return;
    after = laterThan(last);
  }
}

async function recordsOf(
  source: Source,
  decisions: readonly Document[],
  stages: readonly Document[],
): Promise<DecisionRecord[]> {
  const ids = decisions.map(callIdOf);
  const calls = await source.aggregate("tool_logs", [{ $match: { _id: { $in: ids } } }, ...stages]);
  const byId = new Map(calls.map((call) => [String(call._id), call]));
  return decisions.map((decision) => ({ decision, call: byId.get(callIdOf(decision)) }));
}

function callIdOf(decision: Document): string {
  return String(decision.call_id);
}
