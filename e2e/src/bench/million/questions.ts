import type { Api } from "./api.ts";
import { principalName, serverName, sessionName, toolName } from "./traffic.ts";

export interface Question {
  name: string;
  ask(api: Api): Promise<unknown>;
}

const question = (path: string): Question => ({ name: path.replace("/governance/", ""), ask: (api) => api.get(path) });
const listsOf = (path: string, filters: readonly Record<string, string>[]): Question[] =>
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
  { session_id: sessionName(300) },
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
const listQuestions: readonly Question[] = [
  ...listsOf("/governance/tool-logs", [
    ...common,
    ...["success", "error", "denied", "unknown"].map((status) => ({ status })),
    { status: "error", server_name: rarely.server_name },
    { status: "denied", principal: rarely.principal },
  ]),
  ...further("/governance/tool-logs"),
  ...listsOf("/governance/decisions", [
    ...common,
    { decision: "allowed" },
    { decision: "denied" },
    { shadow: "true" },
    { shadow: "false" },
  ]),
  ...further("/governance/decisions"),
];

const asked = (path: string, queries: readonly string[]): Question[] =>
  queries.map((query) => question(`/governance/${path}${query === "" ? "" : "?"}${query}`));

/** 2 hours are answered from figures of minutes, 72 of hours, 720 of days. */
const PERIODS = ["hours=2", "hours=72", "hours=720"];
const each = (path: string, more = ""): Question[] =>
  asked(
    path,
    PERIODS.map((period) => `${period}${more}`),
  );
const of = (filter: Record<string, string>): string => `&${new URLSearchParams(filter)}`;

/** Every page of figures. */
const figureQuestions: readonly Question[] = [
  ...each("overview"),
  ...each("metrics"),
  ...each("metrics", of({ server_name: often.server_name })),
  ...each("metrics", of({ principal: rarely.principal })),
  ...each("latency"),
  ...each("latency", of({ tool_name: often.tool_name })),
  ...["principal", "server", "tool"].flatMap((by) => each("usage", of({ by }))),
  ...each("usage", of({ by: "pair", server_name: often.server_name })),
  ...["calls", "denials", "latency"].flatMap((metric) => each("timeseries", of({ metric }))),
  ...each("timeseries", of({ metric: "errors", by: "server" })),
  ...each("violations"),
  ...each("effectiveness"),
  ...each("shadows"),
];

const surroundings: readonly Question[] = [
  ...asked("servers", [""]),
  ...asked("tools", ["", of({ server_name: often.server_name }).slice(1)]),
  ...asked("sessions", ["hours=720", of({ hours: "720", principal: often.principal }).slice(1)]),
  ...asked(`sessions/${sessionName(300)}`, [""]),
  ...asked("configuration/history", [""]),
  ...asked("record-reads", ["", "hours=1"]),
  ...asked("alerts", [""]),
  ...asked("exports", [""]),
  ...asked("reports", [""]),
  ...asked("dead-letters", [""]),
  ...asked("health", [""]),
];

/** Every question that a page asks. */
export const questions: readonly Question[] = [...listQuestions, ...figureQuestions, ...surroundings];
