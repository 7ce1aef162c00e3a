import { JsonObject } from "@mcp-governance-bridge/shared/configuration";
import { translateReferences } from "./references.ts";
import { type Hide, hideInArgument, hideSecrets } from "./secrets.ts";
import { type Kind, kindOf, UnsupportedServer } from "./transport.ts";
import { type VariableNames, variableName } from "./variables.ts";

/** A server in our words, and what could not be carried over, a sentence each. */
export interface Converted {
  entry: Record<string, unknown>;
  notes: readonly string[];
}

interface Context {
  /** The server's name in our file. */
  name: string;
  variables: VariableNames;
  note: (text: string) => void;
}

type Given = Readonly<Record<string, unknown>>;

const CARRIED = new Set(
  "type transport transportType command args env cwd url serverUrl httpUrl headers timeout disabled enabled".split(" "),
);
const APPROVALS = new Set(["autoApprove", "alwaysAllow", "trust"]);
const TOOL_NAME = /^[\w./-]+$/;
/** Clients that count in seconds allow an hour at most; nobody else waits for so few milliseconds. */
const MOST_SECONDS = 3_600;
const LEAST_MS = 100;
const MOST_MS = 3_600_000;

/** A client's server in our words. Throws an UnsupportedServer where the bridge cannot be put in front of it. */
export function convertServer(given: unknown, name: string, variables: VariableNames): Converted {
  const server = JsonObject.safeParse(given);
  if (!server.success) throw new UnsupportedServer("it is no object");
  const notes: string[] = [];
  const context = { name, variables, note: (text: string) => void notes.push(text) };
  const kind = kindOf(server.data);
  const entry = {
    ...(kind.transport === "stdio" ? stdioKeys(kind, server.data, context) : httpKeys(kind, server.data, context)),
    ...timeoutOf(server.data, context),
    ...((server.data.disabled === true || server.data.enabled === false) && { disabled: true }),
    governance: { governance_prefix: name, ...deniedTools(server.data, context) },
  };
  for (const key of Object.keys(server.data)) noteExtra(key, context);
  return { entry, notes };
}

function stdioKeys(kind: Kind & { transport: "stdio" }, server: Given, context: Context): object {
  const args = texts(server.args, "args", context);
  const env = members(server.env, "env", context).map(([key, value]) => [key, inEnv(key, value, context)]);
  return {
    transport: "stdio",
    command: translated(hideSecrets(kind.command, "command", hiding(context)), context),
    ...(args.length > 0 && { args: args.map((text, index) => inArgs(text, args[index - 1], context)) }),
    ...(env.length > 0 && { env: Object.fromEntries(env) }),
    ...(typeof server.cwd === "string" && server.cwd !== "" && { cwd: translated(server.cwd, context) }),
  };
}

function httpKeys(kind: Kind & { transport: "streamable-http" }, server: Given, context: Context): object {
  const headers = members(server.headers, "headers", context).map(([key, value]) => [
    key,
    translated(hideSecrets(value, key, hiding(context)), context),
  ]);
  return {
    transport: "streamable-http",
    url: translated(hideSecrets(kind.url, "url", hiding(context)), context),
    ...(headers.length > 0 && { headers: Object.fromEntries(headers) }),
  };
}

function inEnv(key: string, value: string, context: Context): string {
  const hide: Hide = (secret, name) => {
    const own = name === key ? [variableName(key)] : [];
    return context.variables.hide(secret, [...own, variableName(context.name, key, ...(name === key ? [] : [name]))]);
  };
  return translated(hideSecrets(value, key, hide), context);
}

function inArgs(text: string, previous: string | undefined, context: Context): string {
  return translated(hideInArgument(text, previous, hiding(context)), context);
}

function hiding({ name, variables }: Context): Hide {
  return (secret, of) => variables.hide(secret, [variableName(name, of)]);
}

function translated(text: string, { variables }: Context): string {
  return translateReferences(text, variables);
}

/** Numbers and switches as text; anything else is left out, and said. */
function texts(value: unknown, key: string, { note }: Context): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) note(`${key} is no list and was left out`);
  return (Array.isArray(value) ? value : []).flatMap((item: unknown, index) => {
    if (isScalar(item)) return [String(item)];
    note(`${key}[${index}] is no text and was left out`);
    return [];
  });
}

function members(value: unknown, key: string, { note }: Context): [string, string][] {
  if (value === undefined) return [];
  const object = JsonObject.safeParse(value);
  if (!object.success) note(`${key} is no object and was left out`);
  return Object.entries(object.data ?? {}).flatMap(([name, item]): [string, string][] => {
    if (isScalar(item)) return [[name, String(item)]];
    note(`${key}.${name} is no text and was left out`);
    return [];
  });
}

function isScalar(value: unknown): boolean {
  return typeof value === "string" || typeof value === "number" || typeof value === "boolean";
}

function timeoutOf({ timeout }: Given, { note }: Context): { timeout?: number } {
  if (timeout === undefined) return {};
  if (typeof timeout !== "number" || !(timeout > 0)) {
    note("timeout is no number above 0 and was left out");
    return {};
  }
  const isSeconds = timeout <= MOST_SECONDS;
  const meant = Math.min(MOST_MS, Math.max(LEAST_MS, Math.round(isSeconds ? timeout * 1_000 : timeout)));
  note(`timeout ${timeout} was taken for ${isSeconds ? "seconds" : "milliseconds"}`);
  return { timeout: meant };
}

function deniedTools(server: Given, context: Context): object {
  const lists = ["disabledTools", "excludeTools"].filter((key) => server[key] !== undefined);
  const tools = lists.flatMap((key) => texts(server[key], key, context));
  const denied = tools.filter((tool) => TOOL_NAME.test(tool));
  if (denied.length < tools.length) context.note("some names of disabled tools are none and were left out");
  if (denied.length === 0) return {};
  return { policies: [{ id: "disabled-tools", effect: "deny", tools: denied }] };
}

function noteExtra(key: string, { note }: Context): void {
  if (CARRIED.has(key) || key === "disabledTools" || key === "excludeTools") return;
  if (APPROVALS.has(key)) note(`${key} was left out: what needs approval is said by policies`);
  else if (key === "envFile") note("envFile was left out: put what it holds into env");
  else note(`${key} was left out`);
}
