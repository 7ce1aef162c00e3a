import { randomUUID } from "node:crypto";
import {
  DecisionRequest,
  GovernanceError,
  type PolicyAdmin,
  PolicyQuestion,
  type PolicyScope,
} from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import { z } from "zod";
import { readBody } from "./body.ts";
import type { Endpoint } from "./endpoint.ts";
import { numeric, parse, queryOf } from "./parameters.ts";
import { settingsInForce } from "./settings-in-force.ts";

/** A question to the policy service in the form of HTTP: what the path says of it, and the rest from query and body. */
interface Question {
  method: Endpoint["method"];
  path: string;
  fixed(request: HonoRequest): { ask: PolicyQuestion["ask"] } & Record<string, unknown>;
  isChange?: boolean;
}

const BASE = "/governance/policies";
const SCOPES: readonly { path: string; scope(request: HonoRequest): PolicyScope }[] = [
  { path: `${BASE}/global`, scope: () => "global" },
  { path: `${BASE}/servers/:name`, scope: (request) => ({ server: request.param("name") ?? "" }) },
];

const questions: readonly Question[] = [
  { method: "GET", path: BASE, fixed: () => ({ ask: "current" }) },
  ...SCOPES.flatMap(({ path, scope }): Question[] => [
    { method: "PUT", path, fixed: (request) => ({ ask: "edit", scope: scope(request) }), isChange: true },
    { method: "DELETE", path, fixed: (request) => ({ ask: "reset", scope: scope(request) }), isChange: true },
  ]),
  { method: "POST", path: `${BASE}/validate`, fixed: () => ({ ask: "validate" }) },
  { method: "POST", path: `${BASE}/explain`, fixed: () => ({ ask: "explain" }) },
  { method: "POST", path: `${BASE}/rollback`, fixed: () => ({ ask: "rollback" }), isChange: true },
  { method: "PUT", path: `${BASE}/candidate`, fixed: () => ({ ask: "candidate" }), isChange: true },
  { method: "DELETE", path: `${BASE}/candidate`, fixed: () => ({ ask: "candidate", settings: null }), isChange: true },
  { method: "GET", path: `${BASE}/revisions`, fixed: () => ({ ask: "revisions" }) },
  {
    method: "GET",
    path: `${BASE}/revisions/:number{[0-9]+}`,
    fixed: (request) => ({ ask: "revision", number: Number(request.param("number")) }),
  },
  {
    method: "GET",
    path: `${BASE}/revisions/:from{[0-9]+}/diff/:to{[0-9]+}`,
    fixed: (request) => ({ ask: "diff", from: Number(request.param("from")), to: Number(request.param("to")) }),
  },
];

interface PolicyRoutesOptions {
  policy: PolicyAdmin;
  /** Throws for a request that may not change the policy. */
  guard(request: HonoRequest): void;
}

/** The policy in force, its history, and changes to it. */
export function policyRoutes({ policy, guard }: PolicyRoutesOptions): Endpoint[] {
  const asked = questions.map(
    ({ method, path, fixed, isChange }): Endpoint => ({
      method,
      path,
      async answer(request) {
        if (isChange) guard(request);
        const question = questionOf(fixed(request), await givenIn(request));
        return JSON.stringify((await policy.ask(question)) ?? null);
      },
    }),
  );
  const inForce = SCOPES.map(
    ({ path, scope }): Endpoint => ({
      method: "GET",
      path,
      async answer(request) {
        parse(z.strictObject({}), await givenIn(request));
        return JSON.stringify(settingsInForce(await policy.ask({ ask: "current" }), scope(request)));
      },
    }),
  );
  return [...asked, ...inForce];
}

/** Members of the query and of the body, which must not name one twice. */
async function givenIn(request: HonoRequest): Promise<Record<string, unknown>> {
  const query = numbersIn(queryOf(new URL(request.url).searchParams));
  const body = request.method === "GET" ? undefined : await readBody(request.raw);
  const twice = Object.keys(body ?? {}).filter((name) => Object.hasOwn(query, name));
  if (twice.length > 0) throw new GovernanceError("request.invalid", `${twice.join(", ")}: given more than once`);
  return { ...query, ...body };
}

const NUMBERS = ["limit", "expected"];

function numbersIn(query: Record<string, string>): Record<string, unknown> {
  const isNumber = (name: string) => NUMBERS.includes(name) && numeric.safeParse(query[name]).success;
  return Object.fromEntries(Object.entries(query).map(([name, text]) => [name, isNumber(name) ? Number(text) : text]));
}

/** A call that nobody has made needs not be told in full. */
const Hypothetical = z.looseObject({
  request: z.strictObject({
    ...DecisionRequest.shape,
    callId: z.uuid().default(() => randomUUID()),
    sessionId: z.string().default("hypothetical"),
    principal: z.string().default("anonymous"),
    roles: z.array(z.string()).default([]),
    client: DecisionRequest.shape.client.default(null),
    method: DecisionRequest.shape.method.default("tools/call"),
    arguments: z.unknown().default({}),
  }),
});

function questionOf(fixed: ReturnType<Question["fixed"]>, given: Record<string, unknown>): PolicyQuestion {
  const whole = fixed.ask === "explain" ? parse(Hypothetical, given) : given;
  const question = parse(PolicyQuestion, { ...whole, ...fixed });
  // What the schema leaves out it does not know, and what the path says is not for the body to say.
  const unknown = Object.keys(given).filter((name) => Object.hasOwn(fixed, name) || !Object.hasOwn(question, name));
  if (unknown.length > 0) throw new GovernanceError("request.invalid", `${unknown.join(", ")}: not known here`);
  return question;
}
