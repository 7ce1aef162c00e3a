import { z } from "zod";

/** Of which a baseline is made, and below which it says nothing; where a rule does not say. */
export const BASELINE_DAYS = { learn: 14, min: 3 } as const;

const days = z.number().positive("is in days and must be above 0").max(36_500);

/** `governance.retention`: days after which documents go, by collection; what is not named stays for ever. */
export const Retention = z
  .strictObject({
    tool_logs: days.optional().describe("Calls"),
    payloads: days.optional().describe("Days after which calls lose their inputs and outputs; the rest of them stays"),
    governance_logs: days.optional().describe("Decisions"),
    policy_revisions: days.optional().describe("Revisions of the policy"),
    sessions: days.optional().describe("Sessions"),
    record_reads: days.optional().describe("Who read the record"),
    dead_letters: days.optional().describe("Messages that could not be processed"),
    artifacts: days.default(30).describe("Exports and reports"),
    alerts: days.default(400).describe("Alerts"),
    usage_minutes: days.default(7).describe("Figures by the minute"),
    usage_hours: days.default(400).describe("Figures by the hour"),
    usage_days: days.optional().describe("Figures by the day"),
  })
  .describe("Days after which documents go, by collection; what is not named stays for ever");
export type Retention = z.infer<typeof Retention>;

const id = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,63}$/, "must be lower-case letters, digits and hyphens")
  .describe("Names it; unique");
const severity = z.enum(["info", "warning", "critical"]);
const servers = z.array(z.string()).min(1).optional().describe("Only these servers; all where it is missing");
const windowMinutes = z.int().min(1).max(1_440).default(10).describe("Minutes looked back");

const rule = <Kind extends string, Shape extends z.ZodRawShape>(
  kind: Kind,
  usual: z.infer<typeof severity>,
  more: Shape,
) =>
  z.strictObject({ id, kind: z.literal(kind), severity: severity.default(usual).describe("How grave it is"), ...more });

export const AlertRule = z.discriminatedUnion("kind", [
  rule("violations", "warning", {
    count: z.int().min(1).describe("Denials in the window that raise it"),
    window_minutes: windowMinutes,
    codes: z.array(z.string()).min(1).optional().describe("Only denials with these codes"),
    servers,
  }),
  rule("error_rate", "warning", {
    percent: z.number().min(0).max(100).describe("Share of calls that failed, of those that were permitted"),
    min_calls: z.int().min(1).default(20).describe("Fewer permitted calls raise nothing"),
    window_minutes: windowMinutes,
    servers,
  }),
  rule("upstream_down", "critical", {
    after_seconds: z.int().min(0).default(60).describe("Seconds that a server may be away"),
    servers,
  }),
  rule("recording_stopped", "critical", {
    after_seconds: z.int().min(5).default(60).describe("Seconds that the record may lag behind"),
  }),
  rule("dead_letters", "critical", {}),
  rule("anomaly", "info", {
    of: z
      .array(z.enum(["volume", "new_tool", "new_hour", "error_ratio"]))
      .min(1)
      .default(["volume", "new_tool", "new_hour", "error_ratio"])
      .describe("What is compared with the baseline"),
    sensitivity: z
      .enum(["low", "medium", "high"])
      .default("medium")
      .describe("How little it takes; docs/alerts.md has the numbers"),
    learn_days: z.int().min(1).max(90).default(BASELINE_DAYS.learn).describe("Days that make the baseline"),
    min_days: z
      .int()
      .min(1)
      .max(90)
      .default(BASELINE_DAYS.min)
      .describe("Days of history below which nothing is judged"),
  }),
]);
export type AlertRule = z.infer<typeof AlertRule>;

const DEFAULT_RULES = [
  { id: "recording-stopped", kind: "recording_stopped" },
  { id: "dead-letters", kind: "dead_letters" },
  { id: "upstream-down", kind: "upstream_down" },
  { id: "violations", kind: "violations", count: 50 },
  { id: "error-rate", kind: "error_rate", percent: 50 },
  { id: "anomaly", kind: "anomaly" },
] as const;

export const Webhook = z.strictObject({
  id,
  url: z.string().min(1).describe("Where alerts are sent by POST, http:// or https://"),
  secret: z.string().min(1).describe("Signs what is sent, at least 16 characters; best a variable of the environment"),
  min_severity: severity.default("info").describe("Less severe alerts are not sent"),
});
export type Webhook = z.infer<typeof Webhook>;

/** `governance.alerts`. */
export const Alerts = z.strictObject({
  rules: z
    .array(AlertRule)
    .prefault([...DEFAULT_RULES])
    .describe("What raises an alert"),
  webhooks: z.array(Webhook).default([]).describe("Who is told"),
});
export type Alerts = z.infer<typeof Alerts>;

/** Keys of `governance` that are the tracker's. */
export const recordKeys = {
  retention: Retention.prefault({}),
  unknown_after_minutes: z
    .number()
    .min(0.1)
    .max(10_080)
    .default(15)
    .describe(
      "Minutes after which a call whose end nobody saw is recorded as unknown; an end that comes later still counts",
    ),
  alerts: Alerts.prefault({}).describe("What raises an alert, and who is told"),
};

/** What the configuration says of the record. */
export const RecordSettings = z.object(recordKeys);
export type RecordSettings = z.infer<typeof RecordSettings>;
