import { z } from "zod";
import { GovernedMethod } from "../decision.ts";

const RULE_ID = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/;
const LABEL = /^[a-z][a-z0-9_]{0,63}$/;
const TIME_RANGE = /^([01]\d|2[0-3]):[0-5]\d-(([01]\d|2[0-3]):[0-5]\d|24:00)$/;
const DATE_RANGE = /^\d{4}-\d\d-\d\d(\/\d{4}-\d\d-\d\d)?$/;
const POINTER = /^(\/([^~/]|~[01])*)*$/;

const globs = z.array(z.string().min(1)).min(1).optional();
const Label = z.string().regex(LABEL, "must be lower-case letters, digits and underscores");
const Pointer = z.string().regex(POINTER, "is no JSON pointer (RFC 6901)");
const ruleId = z
  .string()
  .regex(RULE_ID, "must be 1 to 64 letters, digits, dots, underscores and hyphens")
  .describe("Names the rule in decisions and reports");
const reason = z.string().max(1_000).optional().describe("For the model to read");
const shadow = z.boolean().default(false).describe("true only records what the rule would have done");
const permits = (window: string) => z.int().min(0).optional().describe(`Permits in any ${window}`);
const cost = z.int().min(0).max(1_000);

/** Which calls a rule is about: all members that are given must match. In globs `*` stands for any characters, `?` for one. */
const selector = {
  principals: globs.describe("Globs on who the client proved to be"),
  roles: z.array(z.string().min(1)).min(1).optional().describe("Roles, of which the principal has at least one"),
  clients: globs.describe("Globs on the name that the client gives itself; it can give any"),
  servers: globs.describe("Globs on server names; of use in global rules"),
  tools: globs.describe(
    "Globs on the upstream's own names of tools; with prompts or resources, one of them must match",
  ),
  prompts: globs.describe("Globs on the upstream's own names of prompts, for prompts/get and completions"),
  resources: globs.describe("Globs on URIs of resources"),
  methods: z.array(GovernedMethod).min(1).optional().describe("Methods; all governed ones where it is missing"),
  annotations: z
    .record(z.string(), z.union([z.boolean(), z.string(), z.number()]))
    .optional()
    .describe(
      'Values that the tool\'s annotations have, e.g. {"destructiveHint": true}; a missing one matches nothing',
    ),
};

/** The members by which every kind of rule selects calls. */
export const Selector = z.strictObject(selector);
export type Selector = z.infer<typeof Selector>;

export const PolicyRule = z
  .strictObject({
    id: ruleId,
    effect: z
      .enum(["allow", "deny", "require_approval"])
      .describe("deny wins over require_approval, and that over allow"),
    ...selector,
    when: z
      .string()
      .min(1)
      .optional()
      .describe(
        "Condition in CEL over args, principal, roles, client, server, tool, method, annotations, labels and now",
      ),
    closes: z
      .array(Label)
      .min(1)
      .optional()
      .describe("Matches a call that carries one of these labels when it and its session then carry them all"),
    reason,
    on_failure: z
      .enum(["closed", "open"])
      .default("closed")
      .describe("Where the condition cannot be evaluated: closed denies (or allows not), open leaves the rule out"),
    shadow,
  })
  .meta({ id: "PolicyRule" });
export type PolicyRule = z.infer<typeof PolicyRule>;

/** What happens while the counters cannot be reached: deny, do not count, or count here up to a share of the permits. */
export const CountersFailureMode = z
  .union([
    z.enum(["closed", "open"]),
    z.strictObject({
      local: z.number().gt(0).max(1).describe("Share of the permits that each replica may grant alone"),
    }),
  ])
  .meta({ id: "CountersFailureMode" });
export type CountersFailureMode = z.infer<typeof CountersFailureMode>;

export const LimitRule = z
  .strictObject({
    id: ruleId,
    ...selector,
    by: z
      .array(
        z.union([
          z.enum(["principal", "client", "session", "server", "tool"]),
          z.strictObject({ argument: Pointer.describe("JSON pointer into the arguments") }),
        ]),
      )
      .default([])
      .describe("What has a count of its own; empty: all calls of the rule share one"),
    permits: z
      .strictObject({
        second: permits("second"),
        minute: permits("minute"),
        hour: permits("hour"),
        day: permits("24 hours"),
      })
      .default({})
      .describe("Permits in sliding windows; all that are given hold at once"),
    daily: z.int().min(0).optional().describe("Permits in a day of the calendar, in time_zone"),
    concurrent: z.int().min(0).optional().describe("Calls under way at once"),
    cost: cost.default(1).describe("Permits that one call takes"),
    costs: z
      .array(
        z.strictObject({
          tools: z.array(z.string().min(1)).min(1).describe("Globs on names of tools"),
          cost: cost.describe("Permits that a call of theirs takes"),
        }),
      )
      .default([])
      .describe("Other costs by tool globs; the first that matches counts"),
    reason,
    on_failure: CountersFailureMode.optional().describe("Instead of failure_modes.counters"),
    shadow,
  })
  .meta({ id: "LimitRule" });
export type LimitRule = z.infer<typeof LimitRule>;

export const ResultRule = z
  .strictObject({
    id: ruleId,
    action: z
      .enum(["redact", "withhold", "truncate", "deny"])
      .describe("What becomes of a result: masked, held back with a notice, cut, or answered with a denial"),
    ...selector,
    packs: z.array(z.string().min(1)).default([]).describe("Pattern packs to look for, e.g. secrets, personal-data"),
    patterns: z.array(z.string().min(1)).default([]).describe("Regular expressions in RE2 syntax to look for"),
    pointers: z
      .array(Pointer)
      .default([])
      .describe("JSON pointers into the result, e.g. /structuredContent/users/*/email; * stands for any one step"),
    max_characters: z.int().min(0).optional().describe("truncate: characters of each text that are handed back"),
    mask: z.string().max(100).default("[masked]").describe("redact: what stands where something was"),
    reason,
    shadow,
  })
  .meta({ id: "ResultRule" });
export type ResultRule = z.infer<typeof ResultRule>;

export const LabelRule = z
  .strictObject({
    ...selector,
    labels: z
      .array(Label)
      .min(1)
      .describe("What such a call does to its session, e.g. private_data, untrusted_content, sends_out"),
  })
  .meta({ id: "LabelRule" });
export type LabelRule = z.infer<typeof LabelRule>;

/** The rules that a server and the bridge as a whole can both have. */
export const ruleKeys = {
  policies: z.array(PolicyRule).default([]).describe("Rules that allow, deny or require approval"),
  limits: z.array(LimitRule).default([]).describe("Limits on rates, quotas and concurrent calls"),
  results: z.array(ResultRule).default([]).describe("Rules on what is handed back"),
  labels: z.array(LabelRule).default([]).describe("Labels of calls, for rules on the flow of information (closes)"),
};

/** `Europe/Berlin` and the like. */
export const TimeZone = z.string().refine(isTimeZone, "is no IANA time zone, e.g. Europe/Berlin");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const dates = z.array(z.string().regex(DATE_RANGE, "must be YYYY-MM-DD or YYYY-MM-DD/YYYY-MM-DD"));

/** When calls are allowed, besides `allowed_hours`; all that are given must hold. */
export const scheduleKeys = {
  time_zone: TimeZone.optional().describe(
    "IANA time zone of this server's hours, days and dates, instead of the global one",
  ),
  allowed_weekdays: z
    .array(z.enum(["mon", "tue", "wed", "thu", "fri", "sat", "sun"]))
    .optional()
    .describe("Days of the week on which calls are allowed"),
  allowed_times: z
    .array(z.string().regex(TIME_RANGE, "must be HH:MM-HH:MM, e.g. 09:30-17:45"))
    .optional()
    .describe("Times of day in which calls are allowed, the end not included; 22:00-06:00 goes past midnight"),
  allowed_dates: dates.optional().describe("Dates or inclusive ranges of dates on which calls are allowed"),
  blocked_dates: dates.default([]).describe("Dates or inclusive ranges of dates on which calls are not allowed"),
};
