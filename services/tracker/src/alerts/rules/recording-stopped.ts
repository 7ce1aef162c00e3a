import { linkTo, type Observation } from "../observation.ts";
import type { RuleOf } from "./rule.ts";

/** How the recording of this process is told. Each rejects with the reason when that cannot be known. */
export interface Probes {
  /** Rejects when the record store cannot be reached. */
  store(): Promise<void>;
  pipeline(): Promise<{
    /** Facts or messages of the bus that are not kept yet. */
    waiting: number;
    /** Seconds between what happened and its being kept, of the last batch; null before the first. */
    lagSeconds: number | null;
    /** When the last batch was kept; null before the first. */
    lastKeptAt: Date | null;
  }>;
  /** Since when a block of the audit trail has waited for its checkpoint; null where none does. */
  unsealedSince(): Promise<Date | null>;
}

interface Trouble {
  what: "store" | "pipeline" | "backlog" | "lag" | "checkpoint";
  since: Date;
  says: string;
}

/** Looks at the recording and answers what is wrong with it, and since when. */
export function createRecordingWatch({ store, pipeline, unsealedSince }: Probes): (now: Date) => Promise<Trouble[]> {
  const storeAway = createStopwatch();
  const busAway = createStopwatch();
  const waits = createStopwatch();

  const lookAtPipeline = async (now: Date): Promise<Trouble[]> => {
    const state = await pipeline().catch((error: unknown) => textOf(error));
    const isAway = typeof state === "string";
    const away = busAway(isAway, now);
    const waiting = waits(!isAway && state.waiting > 0, now);
    if (isAway) return [{ what: "pipeline", since: away, says: `the event bus does not answer (${state})` }];
    return troublesOf(state, { now, waiting });
  };

  return async (now) => {
    const [problem, pipelineTroubles, unsealed] = await Promise.all([
      store().then(() => undefined, textOf),
      lookAtPipeline(now),
      unsealedSince().catch(() => null),
    ]);
    const since = storeAway(problem !== undefined, now);
    const troubles = [...pipelineTroubles];
    if (problem !== undefined)
      troubles.push({ what: "store", since, says: `the record store does not answer (${problem})` });
    if (unsealed) troubles.push({ what: "checkpoint", since: unsealed, says: "the audit trail gets no checkpoints" });
    return troubles;
  };
}

/** Tells since when something has been so. */
function createStopwatch(): (isSo: boolean, now: Date) => Date {
  let since: Date | undefined;
  return (isSo, now) => {
    since = isSo ? (since ?? now) : undefined;
    return since ?? now;
  };
}

type Pipeline = Awaited<ReturnType<Probes["pipeline"]>>;

function troublesOf(
  { waiting: count, lagSeconds, lastKeptAt }: Pipeline,
  { now, waiting }: { now: Date; waiting: Date },
): Trouble[] {
  // What waits for the first time may be kept in a moment, and says nothing of a lag that was.
  if (count === 0 || waiting >= now) return [];
  const since = lastKeptAt && lastKeptAt > waiting ? lastKeptAt : waiting;
  const stalled: Trouble = { what: "backlog", since, says: `nothing is kept while ${count} wait` };
  if (lagSeconds === null) return [stalled];
  const behind = new Date(now.getTime() - lagSeconds * 1_000);
  return [stalled, { what: "lag", since: behind, says: `the record is ${Math.round(lagSeconds)} s behind` }];
}

/** The troubles that have lasted too long for the rule, as one observation. */
export function recordingStopped(
  rule: RuleOf<"recording_stopped">,
  troubles: readonly Trouble[],
  now: Date,
): Observation[] {
  const seconds = ({ since }: Trouble) => Math.floor((now.getTime() - since.getTime()) / 1_000);
  const grave = troubles.filter((trouble) => seconds(trouble) >= rule.after_seconds);
  if (grave.length === 0) return [];
  const what = grave.map((trouble) => `${trouble.says} since ${trouble.since.toISOString()}`).join("; ");
  return [
    {
      ...{ rule, subject: {}, at: now },
      sentence: `Recording has stopped or is late: ${what}.`,
      evidence: {
        troubles: grave.map((trouble) => ({ what: trouble.what, since: trouble.since, seconds: seconds(trouble) })),
        threshold_seconds: rule.after_seconds,
        links: [linkTo("/governance/health")],
      },
    },
  ];
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
