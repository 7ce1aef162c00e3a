import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { Alerts as AlertSettings } from "@mcp-governance-bridge/shared/configuration";
import type { RecordStore } from "../record-store.ts";
import { changesOf } from "./episodes.ts";
import { lastEpisode, openAlerts } from "./kept-alerts.ts";
import { keyOf, type Observation } from "./observation.ts";
import type { Outage } from "./outage.ts";
import { createRules } from "./rules/all.ts";
import { type createRecordingWatch, recordingStopped } from "./rules/recording-stopped.ts";

interface EvaluationOptions {
  store: Pick<RecordStore, "apply" | "aggregate">;
  settings(): AlertSettings;
  outage: Outage;
  watchRecording: ReturnType<typeof createRecordingWatch>;
  /** Has what alerts have to tell delivered. */
  dispatch(): Promise<void>;
  log: Log;
  now(): Date;
}

/** What an evaluation in this process came to. */
export interface EvaluationReport {
  at: Date;
  seconds: number;
  /** Rules that could not be evaluated. */
  failures: { rule: string; reason: string }[];
}

/** Evaluates all rules, and keeps what follows from it; in memory as long as the record is away. */
export function createEvaluation({ store, settings, outage, watchRecording, dispatch, log, now }: EvaluationOptions) {
  const rules = createRules(store);
  let running: Promise<void> | undefined;
  let report: EvaluationReport | undefined;

  const evaluateStored = async (at: Date, recording: readonly Observation[]): Promise<EvaluationReport["failures"]> => {
    await outage.writeHeld();
    const { rules: configured, webhooks } = settings();
    for (const rule of configured) if (rule.kind === "recording_stopped") await outage.remember({ rule, subject: {} });
    const { observations, failures } = await rules.evaluate(configured, at);
    const { writes, begun } = await changesOf({
      ...{ now: at, rules: configured, webhooks, open: await openAlerts(store) },
      observations: [...observations, ...recording],
      failed: new Set(failures.map(({ rule }) => rule)),
      lastEpisode: (observation) => lastEpisode(store, observation.rule.id, keyOf(observation)),
    });
    await store.apply(writes);
    rules.kept();
    for (const { rule, severity, sentence } of begun) log.warn({ rule, severity }, sentence);
    for (const failure of failures) log.error(failure, "a rule could not be evaluated");
    await dispatch();
    return failures;
  };

  const evaluateOnce = async (signal: AbortSignal): Promise<void> => {
    const at = now();
    const troubles = await watchRecording(at);
    const { rules: configured } = settings();
    const recording = configured.flatMap((rule) =>
      rule.kind === "recording_stopped" ? recordingStopped(rule, troubles, at) : [],
    );
    const failures = await evaluateStored(at, recording).catch(async (error: unknown) => {
      log.warn({ err: error }, "alerts could not be evaluated");
      await outage.hold(recording, at, signal);
      return configured.map(({ id }) => ({ rule: id, reason: GovernanceError.from(error).message }));
    });
    report = { at, seconds: (now().getTime() - at.getTime()) / 1_000, failures };
  };

  return {
    /** One run at a time in this process. */
    evaluate(signal: AbortSignal): Promise<void> {
      running ??= evaluateOnce(signal).finally(() => {
        running = undefined;
      });
      return running;
    },
    report: () => report,
  };
}
