import type { RecordStore } from "../../record-store.ts";
import { readFreshness } from "../../usage/marks.ts";
import { alertsSince } from "../kept-alerts.ts";
import type { Observation } from "../observation.ts";
import type { RuleOf } from "../rules/rule.ts";
import { BOUNDS } from "./bounds.ts";
import { type History, HOUR_MS, hourBefore, hourOf } from "./history.ts";
import { judgeFinishedHour, type SubjectHours } from "./judge.ts";
import { createNoveltyWatch } from "./novelty.ts";
import { readHours } from "./read-figures.ts";

type Rule = RuleOf<"anomaly">;

const DAY_HOURS = 24;
/** What comes into the record that long after its hour is still judged with it. */
const LATE_MS = 60_000;
/** However far behind figures are, an hour is judged by then. */
const LATEST_MS = 30 * 60_000;
/** Hours that are looked at when the tracker starts. */
const CATCH_UP = 3;

export interface AnomalyWatch {
  /** What is strange at this moment. Asks little more than once a minute, and for each hour once it is over. */
  look(now: Date): Promise<Observation[]>;
  /** To be called when what was found is kept: it is not looked at again. */
  kept(): void;
}

/** Compares what goes on with the baseline that the figures of the days before make. */
export function createAnomalyWatch(store: Pick<RecordStore, "aggregate">, rule: Rule): AnomalyWatch {
  const novelty = createNoveltyWatch(store, rule);
  let judged: number | undefined;
  let inHand: number | undefined;

  /** The next hour to be judged as a whole, if it is over. */
  const nextHour = async (now: Date): Promise<number | undefined> => {
    const last = hourOf(now.getTime() - LATE_MS) - 1;
    const next = Math.max((judged ?? last - CATCH_UP) + 1, last - DAY_HOURS);
    return next <= last && (await isSettled(store, next, now)) ? next : undefined;
  };
  const lookAtHour = async (hour: number, leftOut: LeftOut): Promise<Observation[]> => [
    ...(await novelty.lookAt({ hour, at: endOf(hour), leftOut })),
    ...(await judgeHour(store, rule, { hour, leftOut })),
  ];
  const lookAround = async (now: Date): Promise<Observation[]> => {
    const isMinute = novelty.isDue(now);
    inHand = await nextHour(now);
    if (inHand === undefined && !isMinute) return [];
    const leftOut = await readLeftOut(store, rule, now);
    const ofHour = inHand === undefined ? [] : await lookAtHour(inHand, leftOut);
    return isMinute ? [...ofHour, ...(await novelty.look(now, leftOut))] : ofHour;
  };
  const forget = (): void => {
    inHand = undefined;
    novelty.forget();
  };

  return {
    async look(now) {
      forget();
      try {
        return await lookAround(now);
      } catch (error) {
        // What others found may be kept; this was not found out.
        forget();
        throw error;
      }
    },
    kept() {
      judged = inHand ?? judged;
      novelty.kept();
    },
  };
}

type LeftOut = (key: string) => History["leftOut"];

/** Hours that were alarming and that nobody has called normal, by the key of their alerts. */
async function readLeftOut(store: Pick<RecordStore, "aggregate">, rule: Rule, now: Date): Promise<LeftOut> {
  const since = new Date(now.getTime() - (rule.learn_days + 1) * DAY_HOURS * HOUR_MS);
  const ranges = new Map<string, History["leftOut"][number][]>();
  for (const { key, timestamp, last_at, normal } of await alertsSince(store, rule.id, since)) {
    const range = { from: hourBefore(timestamp), to: hourBefore(last_at) };
    if (!normal) ranges.set(key, [...(ranges.get(key) ?? []), range]);
  }
  return (key) => ranges.get(key) ?? [];
}

/** Whether the figures of an hour hold all that came in time. */
async function isSettled(store: Pick<RecordStore, "aggregate">, hour: number, now: Date): Promise<boolean> {
  const end = endOf(hour).getTime();
  if (now.getTime() - end > LATEST_MS) return true;
  const { hour: fresh } = await readFreshness(store);
  return fresh !== null && fresh.getTime() >= end + LATE_MS;
}

async function judgeHour(
  store: Pick<RecordStore, "aggregate">,
  rule: Rule,
  { hour, leftOut }: { hour: number; leftOut: LeftOut },
): Promise<Observation[]> {
  const { volume, errorRatio } = BOUNDS[rule.sensitivity];
  const isRemarkable = ({ hours }: SubjectHours) =>
    hours.some(({ calls, errors }) => calls >= volume.calls || errors >= errorRatio.errors);
  const found: Observation[] = [];
  for (const grouping of ["tool", "principal"] as const) {
    const subjects = await readHours(store, { grouping }, { from: hour, to: hour });
    const names = new Set(subjects.filter(isRemarkable).map(({ subject }) => JSON.stringify(subject)));
    if (names.size === 0) continue;
    const member = grouping === "tool" ? "server_name" : "principal";
    const values = [...new Set(subjects.filter(isRemarkable).map(({ subject }) => subject[member]))];
    const hours = { from: hour - rule.learn_days * DAY_HOURS, to: hour };
    const histories = await readHours(store, { grouping, condition: { [member]: { $in: values } } }, hours);
    const remarkable = histories.filter(({ subject }) => names.has(JSON.stringify(subject)));
    found.push(...judgeFinishedHour(rule, remarkable, { hour, at: endOf(hour), leftOut }));
  }
  return found;
}

function endOf(hour: number): Date {
  return new Date((hour + 1) * HOUR_MS);
}
