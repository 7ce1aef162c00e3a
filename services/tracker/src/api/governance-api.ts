import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { GovernanceError, type Log, type PolicyAdmin } from "@mcp-governance-bridge/shared";
import { Hono } from "hono";
import type { RecordStore } from "../record-store.ts";
import { decisionRoutes } from "./decision-routes.ts";
import { createEditGuard, type Edits } from "./edits.ts";
import type { Endpoint } from "./endpoint.ts";
import { policyRoutes } from "./policy-routes.ts";
import { recordRoutes } from "./record-routes.ts";

interface ApiOptions {
  store: Pick<RecordStore, "aggregate">;
  policy: PolicyAdmin;
  edits: Edits;
  log: Log;
}

export interface GovernanceApi {
  app: Hono;
  /** Answers a request below `/governance`, also one that nobody knows. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Answers questions about the record and the policy over HTTP, and takes changes of the policy. */
export function createGovernanceApi({ store, policy, edits, log }: ApiOptions): GovernanceApi {
  const app = new Hono();
  const endpoints = [
    ...recordRoutes(store),
    ...decisionRoutes({ store, policy }),
    ...policyRoutes({ policy, guard: createEditGuard(edits) }),
  ];
  for (const { method, path, answer } of endpoints) {
    app.on(method, path, async ({ req }) => json(200, `{"status":"success","data":${await answer(req)}}`));
  }
  for (const [path, methods] of methodsByPath(endpoints)) {
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

  const listener = getRequestListener(app.fetch);
  return { app, handle: (request, response) => void listener(request, response) };
}

const CHALLENGE = 'Bearer realm="governance"';

function methodsByPath(endpoints: readonly Endpoint[]): Map<string, string> {
  const byPath = new Map<string, string>();
  for (const { path, method } of endpoints) byPath.set(path, [byPath.get(path) ?? [], method].flat().join(", "));
  return byPath;
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
