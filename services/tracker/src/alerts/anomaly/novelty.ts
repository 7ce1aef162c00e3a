import type { RecordStore } from "../../record-store.ts";
import type { Observation, Subject } from "../observation.ts";
import { linkTo } from "../observation.ts";
import type { RuleOf } from "../rules/rule.ts";
import { BOUNDS } from "./bounds.ts";
import { dayOf, type History, HOUR_MS, hourOf } from "./history.ts";
import { judgeHourOfDay, nameOf } from "./judge.ts";
import { createKnown, judgeNewTool, type Known, pairOf, type Use } from "./new-tool.ts";
import { readDays, readHours, toolIn } from "./read-figures.ts";

type Rule = RuleOf<"anomaly">;
type Reader = Pick<RecordStore, "aggregate">;

const DAY_HOURS = 24;
const EVERY_MS = 60_000;
/** What comes late into the figures of an hour is looked at in the next one. */
const LATE_MS = 5 * 60_000;
/** More are looked at the next time. */
const MAX_AT_A_TIME = 200;
const MAX_NAMED = 10;

interface Moment {
  hour: number;
  at: Date;
  leftOut(key: string): History["leftOut"];
}

/** Looks for tools and hours of the day that are new to a principal, once for each pair and day, and each principal and hour. */
export function createNoveltyWatch(store: Reader, rule: Rule) {
  const seen = createSeen();
  let lookedAt = Number.NEGATIVE_INFINITY;

  const lookAt = async (moment: Moment): Promise<Observation[]> => [
    ...(rule.of.includes("new_tool") ? await newTools(moment) : []),
    ...(rule.of.includes("new_hour") ? await newHours(moment) : []),
  ];

  return {
    lookAt,
    kept: seen.kept,
    /** Forgets what was looked at and not kept. */
    forget: seen.forget,
    /** Whether the hour under way is to be looked at: at most once a minute. */
    isDue: (now: Date): boolean => now.getTime() - lookedAt >= EVERY_MS,
    /** The same for the hour under way. */
    async look(now: Date, leftOut: Moment["leftOut"]): Promise<Observation[]> {
      const found: Observation[] = [];
      for (let hour = hourOf(now.getTime() - LATE_MS); hour <= hourOf(now); hour += 1) {
        found.push(...(await lookAt({ hour, at: now, leftOut })));
      }
      lookedAt = now.getTime();
      return found;
    },
  };

  async function newTools({ hour, at }: Moment): Promise<Observation[]> {
    const day = dayOf(hour);
    // Resources have addresses without end, each of them new: tools alone are looked at.
    const condition = { method: "tools/call" };
    const pairs = await readHours(store, { grouping: "pair", condition }, { from: hour, to: hour });
    const uses = pairs.map(({ subject }) => ({ ...toolIn({ ...subject }), principal: String(subject.principal) }));
    const fresh = seen.unseen(uses, (use) => `${day} ${pairOf(use)}`);
    if (fresh.length === 0) return [];
    const known = await readKnown(store, fresh, { from: hour - rule.learn_days * DAY_HOURS, day });
    const newsSince = new Date(at.getTime() - rule.learn_days * DAY_HOURS * HOUR_MS);
    return groupedBySubject(fresh, (use) => judgeNewTool(use, known, { day, minDays: rule.min_days })).map(
      ({ subject, principals }) => newToolObservation(rule, { subject, principals, hour, at, newsSince }),
    );
  }

  async function newHours({ hour, at, leftOut }: Moment): Promise<Observation[]> {
    const { calls } = BOUNDS[rule.sensitivity].newHour;
    const principals = await readHours(store, { grouping: "principal" }, { from: hour, to: hour });
    const active = principals.filter(({ hours }) => hours.some((each) => each.calls >= calls));
    const fresh = seen.unseen(active, ({ subject }) => `${hour} ${subject.principal}`);
    if (fresh.length === 0) return [];
    const condition = { principal: { $in: fresh.map(({ subject }) => subject.principal) } };
    const hours = { from: hour - rule.learn_days * DAY_HOURS, to: hour };
    const histories = await readHours(store, { grouping: "principal", condition }, hours);
    return histories.flatMap((history) => judgeHourOfDay(rule, history, { hour, at, leftOut }));
  }
}

/** Remembers what was looked at and kept; forgets it after two days. */
function createSeen() {
  const generations: [Set<string>, Set<string>] = [new Set(), new Set()];
  let pending: string[] = [];
  const MAX_KEPT = 100_000;
  return {
    /** Those not seen yet, as many as are to be looked at. */
    unseen<Item>(items: readonly Item[], nameOfItem: (item: Item) => string): Item[] {
      const isNew = (item: Item) => !generations.some((names) => names.has(nameOfItem(item)));
      const fresh = items.filter(isNew).slice(0, MAX_AT_A_TIME);
      pending.push(...fresh.map(nameOfItem));
      return fresh;
    },
    forget(): void {
      pending = [];
    },
    kept(): void {
      for (const name of pending) generations[0].add(name);
      pending = [];
      if (generations[0].size < MAX_KEPT) return;
      generations.reverse();
      generations[0].clear();
    },
  };
}

/** What is known of the principals and of the servers of these uses, of the days before. */
async function readKnown(
  store: Reader,
  uses: readonly Use[],
  { from, day }: { from: number; day: number },
): Promise<Known> {
  const { known, addUse, addTool } = createKnown();
  const days = { from: dayOf(from) * DAY_HOURS, to: day * DAY_HOURS - 1 };
  const values = (name: "principal" | "server_name") => ({
    [name]: { $in: [...new Set(uses.map((use) => use[name]))] },
  });
  const [pairs, tools] = await Promise.all([
    readDays(store, { grouping: "pair", condition: values("principal") }, days),
    readDays(store, { grouping: "tool", condition: values("server_name") }, days),
  ]);
  for (const { use, day: seenOn } of pairs) addUse(use, seenOn);
  for (const { use, day: seenOn } of tools) addTool(use, seenOn);
  return known;
}

function groupedBySubject(uses: readonly Use[], judge: (use: Use) => Subject | undefined) {
  const groups = new Map<string, { subject: Subject; principals: string[] }>();
  for (const use of uses) {
    const subject = judge(use);
    if (!subject) continue;
    const key = JSON.stringify(subject);
    const present = groups.get(key) ?? { subject, principals: [] };
    groups.set(key, { subject, principals: [...new Set([...present.principals, use.principal])] });
  }
  return [...groups.values()];
}

interface NewTool {
  subject: Subject;
  principals: string[];
  hour: number;
  at: Date;
  newsSince: Date;
}

function newToolObservation(rule: Rule, { subject, principals, hour, at, newsSince }: NewTool): Observation {
  const window = { from: new Date(hour * HOUR_MS), to: new Date((hour + 1) * HOUR_MS) };
  const named = principals.slice(0, MAX_NAMED);
  const { principal, ...tool } = subject;
  const sentence =
    principal === undefined
      ? `${nameOf(subject)} is used, which nobody did in the ${rule.learn_days} days before: by ${named.join(", ")}.`
      : `${principal} used the tool ${nameOf(tool)}, which it did not in the ${rule.learn_days} days before.`;
  return {
    ...{ rule, anomaly: "new_tool", subject, at, sentence, newsSince },
    evidence: {
      ...{ principals: named, principal_count: principals.length, learn_days: rule.learn_days, window },
      links: [linkTo("/governance/tool-logs", { ...subject, from: window.from, to: window.to })],
    },
  };
}
