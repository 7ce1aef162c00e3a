import { GovernanceError, type PolicyAdmin, PolicyQuestion, type PolicyScope } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { numeric, parse } from "./parameters.ts";
import { Difference, Explanation, InForce, Revision, RevisionSummary, Validation } from "./policy-answers.ts";
import { type Ask, partsOf } from "./policy-questions.ts";
import { settingsInForce } from "./settings-in-force.ts";

type Given = Record<string, unknown>;
/** What the path names. */
type Params = Record<string, string | number>;

/** A question to the policy service in the form of HTTP: what the path says of it, and the rest from query and body. */
interface Question {
  method: Endpoint["method"];
  path: string;
  summary: string;
  ask: Ask;
  params?: z.ZodType<Params>;
  fixed?(params: Params): Given;
  data: z.ZodType;
}

const BASE = "/governance/policies";

const number = numeric.pipe(z.int().positive()).meta({ type: "integer", minimum: 1 });
const named = z.object({ name: z.string().describe("Name of the server in the configuration") });

const SCOPES: readonly {
  path: string;
  what: string;
  params?: z.ZodType<Params>;
  scope(params: Params): PolicyScope;
}[] = [
  { path: `${BASE}/global`, what: "the settings for all servers", scope: () => "global" },
  {
    path: `${BASE}/servers/:name`,
    what: "the settings of one server",
    params: named,
    scope: ({ name }) => ({ server: String(name) }),
  },
];

const ofScopes = SCOPES.flatMap(({ path, what, params, scope }): Question[] => {
  const common = {
    path,
    ...(params && { params }),
    fixed: (given: Params) => ({ scope: scope(given) }),
    data: Revision,
  };
  return [
    { ...common, method: "PUT", ask: "edit", summary: `Edits ${what}, as a whole` },
    { ...common, method: "DELETE", ask: "reset", summary: `Goes back to what the file says, for ${what}` },
  ];
});

const questions: readonly Question[] = [
  { method: "GET", path: BASE, ask: "current", summary: "The revision in force, whole", data: Revision },
  ...ofScopes,
  {
    method: "POST",
    path: `${BASE}/validate`,
    ask: "validate",
    summary: "What is wrong with settings, and what they would change; changes nothing",
    data: Validation,
  },
  {
    method: "POST",
    path: `${BASE}/explain`,
    ask: "explain",
    summary: "Explains a call that nobody has made",
    data: Explanation,
  },
  { method: "POST", path: `${BASE}/rollback`, ask: "rollback", summary: "Goes one revision back", data: Revision },
  {
    method: "PUT",
    path: `${BASE}/candidate`,
    ask: "candidate",
    summary: "Puts settings on trial beside the policy in force",
    data: Revision,
  },
  {
    method: "DELETE",
    path: `${BASE}/candidate`,
    ask: "candidate",
    summary: "Ends the trial",
    fixed: () => ({ settings: null }),
    data: Revision,
  },
  {
    method: "GET",
    path: `${BASE}/revisions`,
    ask: "revisions",
    summary: "The history of the policy, newest first",
    data: z.array(RevisionSummary),
  },
  {
    method: "GET",
    path: `${BASE}/revisions/:number{[0-9]+}`,
    ask: "revision",
    summary: "One revision, whole",
    params: z.object({ number }),
    fixed: (params) => params,
    data: Revision,
  },
  {
    method: "GET",
    path: `${BASE}/revisions/:from{[0-9]+}/diff/:to{[0-9]+}`,
    ask: "diff",
    summary: "What differs between two revisions",
    params: z.object({ from: number, to: number }),
    fixed: (params) => params,
    data: Difference,
  },
];

const CHANGES: readonly Ask[] = ["edit", "reset", "rollback", "candidate"];

/** The policy in force, its history, and changes to it. */
export function policyRoutes(policy: PolicyAdmin): Endpoint[] {
  return [...questions.map((question) => asking(policy, question)), ...inForce(policy)];
}

function asking(policy: PolicyAdmin, { fixed = () => ({}), ask, ...question }: Question): Endpoint {
  const isChange = CHANGES.includes(ask);
  const { query, body } = partsOf(ask, Object.keys(fixed({})));
  return endpoint<Params, Given, Given>({
    ...question,
    access: isChange ? "change" : "open",
    ...(isChange || question.method === "GET" ? { query } : {}),
    ...(question.method === "GET" ? {} : { body }),
    errors: ["policy.unknown", "policy.invalid", ...(isChange ? (["policy.conflict"] as const) : [])],
    async answer({ params, query: inQuery = {}, body: inBody = {} }) {
      const given = onceEach(inQuery, inBody);
      const asked = parse(PolicyQuestion, { ...given, ...fixed(params), ask });
      return { json: JSON.stringify((await policy.ask(asked)) ?? null) };
    },
  });
}

function inForce(policy: PolicyAdmin): Endpoint[] {
  return SCOPES.map(({ path, what, params, scope }) =>
    endpoint<Params, unknown, unknown>({
      method: "GET",
      path,
      summary: `In force: ${what}, and where they come from`,
      access: "open",
      ...(params && { params }),
      data: InForce,
      errors: ["policy.unknown"],
      answer: async (asked) => {
        const settings = settingsInForce(await policy.ask({ ask: "current" }), scope(asked.params));
        return { json: JSON.stringify(settings) };
      },
    }),
  );
}

/** Members of the query and of the body, which must not name one twice. */
function onceEach(query: Given, body: Given): Given {
  const twice = Object.keys(body).filter((name) => Object.hasOwn(query, name));
  if (twice.length > 0) throw new GovernanceError("request.invalid", `${twice.join(", ")}: given more than once`);
  return { ...query, ...body };
}
