import { z } from "zod";

const time = z.iso.datetime();
const severity = z.enum(["info", "warning", "critical"]);
const state = z.enum(["firing", "resolved"]);

const DeliveryAnswer = z.object({
  webhook: z.string(),
  state: state.describe("Which state of the alert was told"),
  status: z.enum(["pending", "delivered", "failed"]).describe("`failed`: given up"),
  attempts: z.int(),
  first_at: time.nullable(),
  next_at: time.nullable().describe("When it is tried next"),
  last_error: z.string().nullable(),
  delivered_at: time.nullable(),
});

/** An alert as the API answers it. */
export const AlertAnswer = z.object({
  id: z.string(),
  key: z.string().describe("The same for all episodes of one rule and subject"),
  episode: z.int().describe("Counts from 1"),
  rule: z.string(),
  kind: z.string(),
  anomaly: z.enum(["volume", "new_tool", "new_hour", "error_ratio"]).nullable(),
  severity,
  subject: z.object({
    server_name: z.string().optional(),
    tool_name: z.string().optional(),
    method: z.string().optional(),
    principal: z.string().optional(),
  }),
  status: state,
  timestamp: time.describe("When the condition was first seen to hold"),
  last_at: time.describe("When it was last seen to hold"),
  resolved_at: time.nullable(),
  resolution: z.enum(["cleared", "rule_removed"]).nullable(),
  count: z.int().describe("Evaluations that found it"),
  sentence: z.string(),
  evidence: z.record(z.string(), z.unknown()).describe("Numbers, the window, and `links` into this API"),
  acknowledged_by: z.string().nullable(),
  acknowledged_at: time.nullable(),
  acknowledged_why: z.string().nullable(),
  normal: z.boolean().describe("Of anomalies: the baseline may learn from it"),
  deliveries: z.array(DeliveryAnswer),
});

export const RulesAnswer = z.object({
  rules: z.array(z.looseObject({ id: z.string(), kind: z.string(), severity })),
  webhooks: z.array(
    z.object({
      id: z.string(),
      host: z.string().describe("Where it is; path and secret are not shown"),
      min_severity: severity,
    }),
  ),
  last_evaluation: z
    .object({
      at: time,
      seconds: z.number(),
      failures: z
        .array(z.object({ rule: z.string(), reason: z.string() }))
        .describe("Rules that could not be evaluated"),
    })
    .nullable(),
});

export const TestAnswer = z.object({
  webhook: z.string(),
  delivered: z.boolean(),
  status: z.int().nullable().describe("The HTTP status; null where there was no answer"),
  error: z.string().nullable(),
});
