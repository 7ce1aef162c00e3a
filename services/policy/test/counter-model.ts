import fc from "fast-check";
import { expect } from "vitest";
import { type CounterStore, type Grant, type Limit, leaseOf, type Taking } from "../src/counter-store.ts";

/** A store, and the clock by which it counts, in milliseconds. */
export interface ClockedStore {
  store: CounterStore;
  set(now: number): Promise<void>;
}

interface Taken {
  limit: Limit;
  at: number;
  holder: string;
}

const costOf = (limit: Limit): number => (limit.kind === "concurrent" ? 1 : limit.cost);
const isSame = (one: Limit, other: Limit): boolean => one.kind === other.kind && one.key === other.key;

function isInUse({ limit, at }: Taken, now: number): boolean {
  if (limit.kind === "window") return at > now - limit.windowMs;
  return limit.kind === "quota" || at + limit.leaseMs > now;
}

/** What a counter store promises: every permit ever taken, and no cleverness. Its keys are of one kind and window each. */
function createModel() {
  let taken: Taken[] = [];

  const inUse = (limit: Limit, now: number) => taken.filter((one) => isSame(one.limit, limit) && isInUse(one, now));
  const usedOf = (limit: Limit, now: number) => inUse(limit, now).reduce((sum, one) => sum + costOf(one.limit), 0);
  const hasEnough = (limit: Limit, now: number) => usedOf(limit, now) + costOf(limit) <= limit.permits;

  /** Infinity where waiting does not help, -1 where nobody can know. */
  function waitFor(limit: Limit, now: number): number {
    if (costOf(limit) > limit.permits) return Number.POSITIVE_INFINITY;
    if (limit.kind === "concurrent") return -1;
    if (limit.kind === "quota") return limit.endsAt - now;
    const times = inUse(limit, now).map(({ at }) => at + limit.windowMs);
    return Math.min(...times.filter((time) => hasEnough(limit, time))) - now;
  }

  function look(limits: readonly Limit[], now: number, holder?: string): Grant {
    const isHeld = (limit: Limit) =>
      limit.kind === "concurrent" && inUse(limit, now).some((one) => one.holder === holder);
    const used = limits.map((limit) => usedOf(limit, now));
    const waits = limits.map((limit) =>
      costOf(limit) === 0 || isHeld(limit) || hasEnough(limit, now) ? undefined : waitFor(limit, now),
    );
    const longest = Math.max(...waits.filter((wait) => wait !== undefined));
    if (longest === Number.NEGATIVE_INFINITY) return { granted: true, used };
    const retryAfterMs = longest === -1 || longest === Number.POSITIVE_INFINITY ? undefined : longest;
    return { granted: false, used, refusedBy: waits.indexOf(longest), retryAfterMs };
  }

  function release(leases: readonly string[], holder: string): void {
    taken = taken.filter(
      ({ limit, holder: other }) => limit.kind !== "concurrent" || other !== holder || !leases.includes(leaseOf(limit)),
    );
  }

  function takeSet(limits: readonly Limit[], now: number, holder: string): Grant {
    const grant = look(limits, now, holder);
    if (!grant.granted) return grant;
    for (const limit of limits) {
      if (limit.kind === "concurrent") release([leaseOf(limit)], holder);
      taken.push({ limit, at: now, holder });
    }
    return grant;
  }

  return {
    release,
    peek: (limits: readonly Limit[], now: number) => look(limits, now),
    take(limits: readonly Limit[], now: number, { holder, trials }: { holder: string; trials: Limit[][] }): Taking {
      const grant = takeSet(limits, now, holder);
      return { ...grant, trials: grant.granted ? trials.map((trial) => takeSet(trial, now, holder)) : [] };
    },
  };
}

const KINDS = 6;

interface Asked {
  which: number;
  permits: number;
  cost: number;
}

interface Step {
  after: number;
  action: "take" | "peek" | "release";
  asked: Asked[];
  /** How many of them are on trial, each by itself. */
  trials: number;
  holder: string;
}

/** Limits of every kind, asked for with varying permits and costs. */
const anyLimit: fc.Arbitrary<Asked> = fc.record({
  which: fc.integer({ min: 0, max: KINDS - 1 }),
  permits: fc.integer({ min: 0, max: 6 }),
  cost: fc.constantFrom(0, 1, 1, 1, 2, 3),
});

const anyStep: fc.Arbitrary<Step> = fc.record({
  after: fc.integer({ min: 0, max: 60 }),
  action: fc.constantFrom("take" as const, "take" as const, "take" as const, "peek" as const, "release" as const),
  asked: fc.uniqueArray(anyLimit, { selector: ({ which }) => which, maxLength: KINDS }),
  trials: fc.integer({ min: 0, max: 2 }),
  holder: fc.constantFrom("a", "b", "c", "d"),
});

/** One window with many calls in it, of which some leave at each step. */
const crowdedStep: fc.Arbitrary<Step> = fc.record({
  after: fc.constantFrom(0, 1, 2, 5, 30),
  action: fc.constant("take" as const),
  asked: fc.tuple<[Asked]>(
    fc.record({
      which: fc.constant(0),
      permits: fc.integer({ min: 10, max: 40 }),
      cost: fc.integer({ min: 1, max: 9 }),
    }),
  ),
  trials: fc.constant(0),
  holder: fc.constant("a"),
});

const anySteps: fc.Arbitrary<Step[]> = fc.oneof(
  fc.array(anyStep, { maxLength: 40 }),
  fc.array(crowdedStep, { minLength: 20, maxLength: 80 }),
);

interface Moment {
  keys: string;
  group: string;
  now: number;
  unit: number;
}

function limitOf({ which, permits, cost }: Asked, { keys, group, now, unit }: Moment): Limit {
  const counted = { key: `${keys}-${which}`, group, permits };
  if (which < 2) return { ...counted, kind: "window", windowMs: (which === 0 ? 100 : 250) * unit, cost };
  if (which > 3) return { ...counted, kind: "concurrent", leaseMs: 80 * unit };
  const period = Math.floor(now / (200 * unit));
  const key = `${counted.key}-${period}`;
  return { ...counted, key, kind: "quota", endsAt: (period + 1) * 200 * unit, cost };
}

export interface ModelRuns {
  /** Milliseconds that one step of the clock stands for. */
  unit: number;
  numRuns: number;
  group: string;
}

let runs = 0;

/** Asks the store and the model the same, at random, and expects the same answers. */
export async function expectToCountAsTheModel(
  { store, set }: ClockedStore,
  { unit, numRuns, group }: ModelRuns,
): Promise<void> {
  const start = Math.ceil(Date.now() / unit) * unit;
  await fc.assert(
    fc.asyncProperty(anySteps, async (steps) => {
      const both = { store, model: createModel() };
      const moment = { keys: `run-${runs++}`, group, now: start, unit };
      for (const one of steps) {
        moment.now += one.after * unit;
        await set(moment.now);
        await compare(both, one, moment);
      }
    }),
    { numRuns },
  );
}

async function compare(
  { store, model }: { store: CounterStore; model: ReturnType<typeof createModel> },
  { action, asked, trials: numberOfTrials, holder }: Step,
  moment: Moment,
): Promise<void> {
  const { now } = moment;
  const limits = asked.map((one) => limitOf(one, moment));
  if (action === "peek") expect(await store.peek(limits)).toEqual(model.peek(limits, now));
  if (action === "take") {
    const trials = limits.splice(0, numberOfTrials).map((limit) => [limit]);
    expect(await store.take(limits, holder, trials)).toEqual(model.take(limits, now, { holder, trials }));
  }
  if (action === "release") {
    const leases = limits.filter((limit) => limit.kind === "concurrent").map(leaseOf);
    await store.release(leases, holder);
    model.release(leases, holder);
  }
}
