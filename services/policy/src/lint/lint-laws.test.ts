import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { expect, test } from "vitest";
import { aDocument, type DocumentParts } from "../../test/builders.ts";
import { someDocument, someLabels, someRequest } from "../../test/random-policies.ts";
import { compilePolicies } from "../compile-policies.ts";
import { evaluate } from "../evaluate.ts";
import { lintPolicies } from "./lint-policies.ts";

const NOW = new Date("2026-01-15T12:30:00Z");

test("a rule that is told can be left out: no call comes out otherwise", () => {
  let told = 0;
  fc.assert(
    fc.property(
      someDocument,
      fc.array(someRequest.map(asTheGatewayAsks), { maxLength: 10 }),
      someLabels,
      (parts, requests, some) => {
        // A session carries what rules give.
        const labels = some.filter((label) => parts.global?.labels?.some((rule) => rule.labels.includes(label)));
        for (const { path } of lintPolicies(aDocument(parts))) {
          const without = withoutRule(parts, path);
          if (!without) continue;
          told += 1;
          const [before, after] = [parts, without].map((each) => compilePolicies(aDocument(each), "r1"));
          for (const request of requests) {
            const [one, other] = [before, after].map(
              (policies) => policies && evaluate(policies, request, { now: NOW, labels }).early === undefined,
            );
            expect(other).toBe(one);
          }
        }
      },
    ),
    { numRuns: 300 },
  );
  expect(told).toBeGreaterThan(50);
});

/** Resources have no annotations. */
function asTheGatewayAsks({ annotations, ...request }: DecisionRequest): DecisionRequest {
  return request.method.startsWith("resources/") || annotations === undefined ? request : { ...request, annotations };
}

/** The document without the rule of `policies` that a path leads to; undefined where it leads to none. */
function withoutRule(parts: DocumentParts, path: readonly (string | number)[]): DocumentParts | undefined {
  const [kind, index] = path[0] === "global" ? path.slice(1) : path.slice(2);
  if (kind !== "policies") return undefined;
  const less = <Rule>(rules: readonly Rule[] = []) => rules.filter((_, place) => place !== index);
  const { global = {}, server = {} } = parts;
  if (path[0] === "global") return { ...parts, global: { ...global, policies: less(global.policies) } };
  return { ...parts, server: { ...server, policies: less(server.policies) } };
}
