import { principalName, serverName, sessionName, toolName } from "./traffic.ts";

/** The governance API of a record. */
export interface Api {
  /** The body of the answer. Rejects where it is none that a page would show. */
  get(path: string): Promise<{ data: unknown; next?: string }>;
}

export interface Question {
  name: string;
  ask(api: Api): Promise<unknown>;
}

const question = (path: string): Question => ({ name: path.replace("/governance/", ""), ask: (api) => api.get(path) });
const lists = (path: string, filters: readonly Record<string, string>[]): Question[] =>
  filters.map((filter) => question(`${path}?${new URLSearchParams({ hours: "0", ...filter })}`));

/** One that is often there, and one that is rarely. */
const often = { server_name: serverName(0), tool_name: toolName(0, 0), principal: principalName(0) };
const rarely = { server_name: serverName(19), tool_name: toolName(19, 9), principal: principalName(49) };

const common: readonly Record<string, string>[] = [
  {},
  { limit: "1000" },
  ...[often, rarely].flatMap(({ server_name, tool_name, principal }) => [
    { server_name },
    { tool_name },
    { principal },
    { server_name, tool_name },
    { server_name, principal },
  ]),
  { session_id: sessionName(9_000) },
  { client_name: "inspector" },
  { client_name: "nobody" },
  { method: "tools/call" },
  { method: "prompts/get" },
  { code: "rate_limit" },
  { rule: `${often.server_name}.rate_limit` },
  { rule: "nobody" },
];

/** The second page of a list, and one from the middle of the time. */
const further = (path: string): Question[] => [
  {
    name: `${path.replace("/governance/", "")}, second page`,
    async ask(api) {
      const { next } = await api.get(`${path}?hours=0`);
      if (next === undefined) throw new Error("there is no second page");
      return api.get(`${path}?${new URLSearchParams({ hours: "0", cursor: next })}`);
    },
  },
  {
    name: `${path.replace("/governance/", "")}, before two weeks ago`,
    ask: (api) => api.get(`${path}?to=${new Date(Date.now() - 14 * 86_400_000).toISOString()}`),
  },
];

/** Every list of calls and decisions with each of its filters. */
export const listQuestions: readonly Question[] = [
  ...lists("/governance/tool-logs", [
    ...common,
    ...["success", "error", "denied", "unknown"].map((status) => ({ status })),
    { status: "error", server_name: rarely.server_name },
    { status: "denied", principal: rarely.principal },
  ]),
  ...further("/governance/tool-logs"),
  ...lists("/governance/decisions", [
    ...common,
    { decision: "allowed" },
    { decision: "denied" },
    { shadow: "true" },
    { shadow: "false" },
  ]),
  ...further("/governance/decisions"),
];
