import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { PolicyRule } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { aRequest, type DocumentParts } from "./builders.ts";

type RuleInput = Pick<PolicyRule, "id" | "effect"> & Partial<PolicyRule>;

const LABELS = ["private_data", "untrusted_content", "sends_out"];
const tool = fc.constantFrom("get_forecast", "delete_all", "send_mail");
const principal = fc.constantFrom("alice", "bob", "anonymous");

/** Some of them cannot be evaluated for some calls. */
const condition = fc.constantFrom(
  "args.n > 1",
  "has(args.n) && args.n == 2",
  "principal == 'alice'",
  "'private_data' in labels",
  "size(labels) == 0 || args.n < 2",
);

const some = <Value>(value: fc.Arbitrary<Value>) => fc.array(value, { minLength: 1, maxLength: 2 });

const members = fc.record(
  {
    principals: some(fc.oneof(principal, fc.constantFrom("a*", "?ob"))),
    roles: some(fc.constantFrom("dev", "ops")),
    clients: some(fc.constantFrom("cursor", "*")),
    tools: some(fc.oneof(tool, fc.constantFrom("*_all", "get_*"))),
    methods: some(fc.constantFrom("tools/call", "resources/read") as fc.Arbitrary<DecisionRequest["method"]>),
    annotations: fc.constantFrom({ readOnlyHint: true }, { destructiveHint: true }),
  },
  { requiredKeys: [] },
);

/** Rules of all kinds, each with an id of its own. */
export function someRules(effects: readonly PolicyRule["effect"][] = ["allow", "deny", "require_approval"]) {
  const rule = fc
    .tuple(
      members,
      fc.record(
        {
          when: condition,
          closes: fc.subarray(LABELS, { minLength: 1 }),
          on_failure: fc.constantFrom("open", "closed") as fc.Arbitrary<"open" | "closed">,
          shadow: fc.boolean(),
        },
        { requiredKeys: [] },
      ),
      fc.constantFrom(...effects),
    )
    .map(([selector, rest, effect]) => ({ ...selector, ...rest, effect }));
  return fc
    .array(rule, { maxLength: 6 })
    .map((rules) => rules.map((each, index): RuleInput => ({ ...each, id: `${each.effect}-${index}` })));
}

/** Documents of global rules, rules of the server, and rules that label its calls. */
export const someDocument: fc.Arbitrary<DocumentParts> = fc
  .record({
    policies: someRules(),
    own: someRules(),
    labels: fc.array(fc.record({ tools: some(tool), labels: fc.subarray(LABELS, { minLength: 1 }) }), { maxLength: 3 }),
    default_effect: fc.constantFrom("allow", "deny") as fc.Arbitrary<"allow" | "deny">,
  })
  .map(({ own, ...global }) => ({ global, server: { policies: own } }));

export const someRequest: fc.Arbitrary<DecisionRequest> = fc
  .record({
    principal,
    roles: fc.subarray(["dev", "ops", "else"]),
    client: fc.constantFrom(null, { name: "cursor", version: "1" }),
    target: tool,
    method: fc.constantFrom("tools/call", "tools/call", "prompts/get", "resources/read") as fc.Arbitrary<
      DecisionRequest["method"]
    >,
    arguments: fc.constantFrom({}, { n: 1 }, { n: 2 }, { n: "2" }),
    annotations: fc.constantFrom({}, { readOnlyHint: true }, { destructiveHint: true }),
  })
  .map(aRequest);

/** Labels that a session carries. */
export const someLabels = fc.subarray(LABELS);
