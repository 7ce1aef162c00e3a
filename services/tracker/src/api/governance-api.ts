import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener, type HttpBindings } from "@hono/node-server";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { type Context, Hono } from "hono";
import { createAccess, type Readings } from "./access.ts";
import { askedOf } from "./asked.ts";
import type { Edits } from "./edits.ts";
import type { Answer, Endpoint } from "./endpoint.ts";
import { withDocuments } from "./openapi.ts";
import { headOf, stream } from "./send.ts";

interface ApiOptions {
  endpoints: readonly Endpoint[];
  edits: Edits;
  /** Where it is told who reads the record. Without it that is not recorded. */
  readings?: Readings;
  log: Log;
}

/** Of Node's own, where the request came over a connection. */
type Env = { Bindings: Partial<HttpBindings> };

export interface GovernanceApi {
  app: Hono<Env>;
  /** Answers a request below `/governance`, also one that nobody knows. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Answers by HTTP whatever the endpoints are about, and tells what there is in `GET /governance` and the OpenAPI document. */
export function createGovernanceApi({ endpoints, edits, readings, log }: ApiOptions): GovernanceApi {
  const app = new Hono<Env>();
  const access = createAccess({ edits, readings });
  const all = staticFirst(withDocuments(endpoints));

  const answerTo = async (endpoint: Endpoint, { req, env }: Context<Env>): Promise<Response> => {
    access.admit(endpoint, req);
    const asked = await askedOf(endpoint, req);
    access.note(endpoint, req, env?.incoming?.socket.remoteAddress);
    const answer = await endpoint.answer(asked);
    const response = responseOf(answer);
    if (req.method === "HEAD") return headOf(response);
    return "response" in answer && env?.outgoing ? stream(response, env.outgoing, log) : response;
  };

  for (const endpoint of all) app.on(endpoint.method, endpoint.path, (context) => answerTo(endpoint, context));
  for (const [path, methods] of methodsByPath(all)) {
    app.all(path, () =>
      failure(new GovernanceError("http.method", `only ${methods} is answered here`), { allow: methods }),
    );
  }
  app.notFound(() => failure(new GovernanceError("http.path", "no such path")));
  app.onError((cause) => {
    const error = GovernanceError.from(cause);
    if (error.http >= 500) log.error({ err: cause, code: error.code }, "a question could not be answered");
    return failure(error, error.code === "request.unauthorized" ? { "www-authenticate": CHALLENGE } : {});
  });

  const listener = getRequestListener((request, env) => app.fetch(request, env));
  return { app, handle: (request, response) => void listener(request, response) };
}

const CHALLENGE = 'Bearer realm="governance"';

/** A path that says a name outright comes before one that takes any: the first that fits answers. */
function staticFirst(endpoints: readonly Endpoint[]): Endpoint[] {
  const key = ({ path }: Endpoint): string => path.replaceAll(/:[^/]+/g, "\uffff");
  return endpoints.toSorted((a, b) => (key(a) < key(b) ? -1 : Number(key(a) > key(b))));
}

function methodsByPath(endpoints: readonly Endpoint[]): Map<string, string> {
  const byPath = new Map<string, string>();
  for (const { path, method } of endpoints) byPath.set(path, [byPath.get(path) ?? [], method].flat().join(", "));
  return byPath;
}

function responseOf(answer: Answer): Response {
  if ("response" in answer) return answer.response;
  const next = answer.next === undefined ? "" : `,"next":${JSON.stringify(answer.next)}`;
  return json(200, `{"status":"success","data":${answer.json}${next}}`);
}

function failure(error: GovernanceError, headers: Record<string, string> = {}): Response {
  return json(error.http, JSON.stringify({ status: "error", error: error.message, code: error.code }), headers);
}

function json(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, {
    status,
    headers: { "content-type": "application/json", "cache-control": "no-store", ...headers },
  });
}
