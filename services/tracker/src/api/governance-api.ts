import type { IncomingMessage, ServerResponse } from "node:http";
import { getRequestListener } from "@hono/node-server";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { Hono } from "hono";
import type { RecordStore } from "../record-store.ts";
import { parseQuery } from "./parameters.ts";
import { renderDocuments } from "./render.ts";
import { routes } from "./routes.ts";

interface ApiOptions {
  store: Pick<RecordStore, "aggregate">;
  log: Log;
}

export interface GovernanceApi {
  app: Hono;
  /** Answers a request below `/governance`, also one that nobody knows. */
  handle(request: IncomingMessage, response: ServerResponse): void;
}

/** Answers questions about the record over HTTP. */
export function createGovernanceApi({ store, log }: ApiOptions): GovernanceApi {
  const app = new Hono();
  for (const { path, collection, query, pipeline } of routes) {
    app.get(path, async ({ req }) => {
      const asked = parseQuery(query, new URL(req.url).searchParams);
      return json(200, renderDocuments(await store.aggregate(collection, pipeline(asked, new Date()))));
    });
    app.all(path, () => failure(new GovernanceError("http.method", "only GET is answered here")));
  }
  app.notFound(() => failure(new GovernanceError("http.path", "no such path")));
  app.onError((cause) => {
    const error = GovernanceError.from(cause);
    if (error.http >= 500) log.error({ err: cause, code: error.code }, "a question could not be answered");
    return failure(error);
  });

  const listener = getRequestListener(app.fetch);
  return { app, handle: (request, response) => void listener(request, response) };
}

function failure(error: GovernanceError): Response {
  return json(error.http, JSON.stringify({ status: "error", error: error.message, code: error.code }));
}

function json(status: number, body: string): Response {
  return new Response(body, { status, headers: { "content-type": "application/json", "cache-control": "no-store" } });
}
