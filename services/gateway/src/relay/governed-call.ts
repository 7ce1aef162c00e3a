import { randomUUID } from "node:crypto";
import { GovernanceError, type GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import type { View } from "../catalogue/view.ts";
import type { Session } from "../front/session.ts";
import { isObject, type Message, textAt } from "../jsonrpc/message.ts";
import type { Span } from "../jsonrpc/scan.ts";
import type { Upstream } from "../upstream/upstream.ts";

/** Who wants what of whom: all that a decision and a record are about. */
export interface GovernedCall {
  callId: string;
  session: Session;
  server: Server;
  method: GovernedMethod;
  /** The upstream's own name of the tool or prompt, the resource's URI, or the method where there is neither. */
  target: string;
  arguments: unknown;
  argumentsText: string;
  annotations: Record<string, unknown> | undefined;
  startedAt: Date;
  /** The same moment on the monotonic clock, for durations. */
  startedMs: number;
  /** Milliseconds that the decision took; 0 until there is one. */
  policyMs: number;
}

/** A client's request, resolved to the upstream that will answer it. */
export interface Route {
  upstream: Upstream;
  target: string;
  edits: readonly (readonly [Span | undefined, string])[];
  annotations?: Record<string, unknown> | undefined;
}

/** Every decision and record names the URI. */
const MAX_URI = 8_192;

type Resolve = (view: View, message: Message) => Route;

/** The governed methods of clients. Policy is keyed on the upstream and its own name for the thing, never on the public one. */
const routes = new Map<string, Resolve>([
  ["tools/call", (view, message) => named(view.tool(nameOf(message)), message.span("params.name"))],
  ["prompts/get", (view, message) => named(view.prompt(nameOf(message)), message.span("params.name"))],
  ["resources/read", (view, message) => located(view, message)],
  ["resources/subscribe", (view, message) => located(view, message)],
  ["completion/complete", (view, message) => referenced(view, message)],
]);

/** Finds whose a request is. `undefined` for a method that is not governed; throws `params.invalid` for what nobody offers. */
export function routeOf(view: View, message: Message): Route | undefined {
  return routes.get(message.method)?.(view, message);
}

/** What is governed about a request of a client. Throws `params.invalid` for arguments that are no object. */
export function governedCall(session: Session, message: Message, route: Route): GovernedCall {
  return {
    callId: randomUUID(),
    session,
    server: route.upstream.server,
    method: message.method as GovernedMethod,
    target: route.target,
    annotations: route.annotations,
    startedAt: new Date(),
    startedMs: performance.now(),
    policyMs: 0,
    ...argumentsOf(message, route),
  };
}

function argumentsOf(message: Message, { target }: Route): Pick<GovernedCall, "arguments" | "argumentsText"> {
  if (message.method.startsWith("resources/")) {
    return { arguments: { uri: target }, argumentsText: JSON.stringify({ uri: target }) };
  }
  const isCompletion = message.method === "completion/complete";
  const member = isCompletion ? "argument" : "arguments";
  const { [member]: given = {} } = message.params;
  if (!isObject(given)) throw new GovernanceError("params.invalid", `Invalid params: ${member} must be an object`);
  const text = textAt(message, `params.${member}`) ?? "{}";
  return isCompletion ? withContext(message, given, text) : { arguments: given, argumentsText: text };
}

/** A completion brings along the other arguments that are known already: they are looked at as the member `context`. */
function withContext(message: Message, given: Record<string, unknown>, text: string) {
  const { context } = message.params;
  if (context === undefined) return { arguments: given, argumentsText: text };
  if (Object.hasOwn(given, "context")) {
    throw new GovernanceError("params.invalid", "Invalid params: argument has a member context, and so has params");
  }
  const separator = Object.keys(given).length === 0 ? "" : ",";
  const argumentsText = `${text.slice(0, -1)}${separator}"context":${textAt(message, "params.context")}}`;
  return { arguments: { ...given, context }, argumentsText };
}

function named({ upstream, item }: ReturnType<View["tool"]>, span: Span | undefined): Route {
  const { annotations } = item.value;
  return {
    upstream,
    target: item.key,
    edits: [[span, JSON.stringify(item.key)]],
    annotations: isObject(annotations) ? annotations : undefined,
  };
}

function located(view: View, message: Message, path = "params.uri"): Route {
  const uri = path === "params.uri" ? message.params.uri : (message.params.ref as Record<string, unknown>).uri;
  if (typeof uri !== "string") throw new GovernanceError("params.invalid", `Invalid params: ${path} must be a string`);
  if (uri.length > MAX_URI) {
    throw new GovernanceError("params.invalid", `Invalid params: ${path} has more than ${MAX_URI} characters`);
  }
  const owner = view.resource(uri);
  return { upstream: owner.upstream, target: owner.uri, edits: [[message.span(path), JSON.stringify(owner.uri)]] };
}

function referenced(view: View, message: Message): Route {
  const { ref } = message.params;
  if (isObject(ref) && ref.type === "ref/resource") return located(view, message, "params.ref.uri");
  if (!isObject(ref) || typeof ref.name !== "string") {
    throw new GovernanceError("params.invalid", "Invalid params: ref must name a prompt or a resource");
  }
  return named(view.prompt(ref.name), message.span("params.ref.name"));
}

function nameOf({ params }: Message): string {
  if (typeof params.name !== "string")
    throw new GovernanceError("params.invalid", "Invalid params: name must be a string");
  return params.name;
}
