import { expect, test } from "vitest";
import { type Alert, newAlert } from "./alert.ts";
import { changesOf } from "./episodes.ts";
import type { Observation } from "./observation.ts";

const NOON = Date.parse("2026-03-19T12:00:00Z");
const minutes = (count: number): Date => new Date(NOON + count * 60_000);

const observed = (kind: "anomaly" | "dead_letters", at: Date): Observation => ({
  rule: { id: "rule", kind, severity: "info" },
  ...(kind === "anomaly" && { anomaly: "volume" as const }),
  ...{ subject: {}, at, sentence: "Something is strange.", evidence: {} },
});

/** Episodes that an observation begins after one that was seen last and ended at these times. */
async function begunAfter(last: Pick<Alert, "last_at" | "resolved_at">, observation: Observation): Promise<number[]> {
  const first = newAlert(observation, { episode: 1, webhooks: [], now: minutes(0) });
  const { begun } = await changesOf({
    ...{ now: minutes(200), observations: [observation], rules: [observation.rule], webhooks: [] },
    ...{ failed: new Set<string>(), open: new Map() },
    lastEpisode: async () => ({ ...first, timestamp: last.last_at, status: "resolved", ...last }),
  });
  return begun.map(({ episode }) => episode);
}

test("an hour that is judged late begins an alert although the one of an hour before has ended meanwhile", async () => {
  const last = { last_at: minutes(0), resolved_at: minutes(190) };
  expect(await begunAfter(last, observed("anomaly", minutes(180)))).toEqual([2]);
});

test("an hour that an alert was about begins no other when it is judged again", async () => {
  const last = { last_at: minutes(10), resolved_at: minutes(170) };
  expect(await begunAfter(last, observed("anomaly", minutes(60)))).toEqual([]);
  expect(await begunAfter({ ...last, last_at: minutes(60) }, observed("anomaly", minutes(60)))).toEqual([]);
});

test("what was seen before an alert ended begins no other", async () => {
  const last = { last_at: minutes(0), resolved_at: minutes(5) };
  expect(await begunAfter(last, observed("dead_letters", minutes(4)))).toEqual([]);
  expect(await begunAfter(last, observed("dead_letters", minutes(6)))).toEqual([2]);
});
