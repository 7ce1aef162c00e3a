import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { type Registry, register } from "prom-client";
import type { Closable } from "./lifecycle.ts";

/** Resolves when the thing can do its work; rejects with the reason when it cannot. */
export type ReadinessCheck = () => Promise<void>;

export interface HealthOptions {
  checks: Readonly<Record<string, ReadinessCheck>>;
  /** Shown in the answer of `/readyz` beside the checks, and never a reason for not being ready. */
  details?: () => Readonly<Record<string, unknown>>;
  registry?: Registry;
}

type Handler = (response: ServerResponse) => Promise<void>;

const CHECK_MS = 2_000;
const CLOSE_MS = 1_000;

/** What answers `/healthz`, `/readyz` and `/metrics`; `undefined` for any other path. */
export function healthRoutes(options: HealthOptions): (path: string) => Handler | undefined {
  const routes = new Map<string, Handler>([
    ["/healthz", async (response) => answer(response, 200, { status: "ok" })],
    ["/readyz", (response) => readiness(options, response)],
    ["/metrics", (response) => metrics(options.registry ?? register, response)],
  ]);
  return (path) => routes.get(path);
}

/**
 * Serves health on a port of its own, and all other paths with `otherwise` (404 without it). Resolves once it listens.
 * `close` waits for answers under way, but not for ever.
 */
export async function serveHealth(
  options: HealthOptions & { host: string; port: number; otherwise?: RequestListener },
): Promise<Closable & { port: number }> {
  const { otherwise = (_request, response) => answer(response, 404, { error: "no such path" }) } = options;
  const route = healthRoutes(options);
  const server = createServer((request, response) => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    const handle = route(path);
    if (handle) void handle(response);
    else otherwise(request, response);
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port, options.host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        setTimeout(() => server.closeAllConnections(), CLOSE_MS).unref();
      }),
  };
}

async function readiness({ checks, details }: HealthOptions, response: ServerResponse): Promise<void> {
  const results = await Promise.all(
    Object.entries(checks).map(async ([name, check]) => [name, await outcomeOf(check)] as const),
  );
  const ready = results.every(([, outcome]) => outcome === "ok");
  answer(response, ready ? 200 : 503, {
    status: ready ? "ready" : "not ready",
    checks: Object.fromEntries(results),
    ...details?.(),
  });
}

async function outcomeOf(check: ReadinessCheck): Promise<string> {
  const late = new Promise<string>((resolve) => {
    setTimeout(resolve, CHECK_MS, `no answer in ${CHECK_MS} ms`).unref();
  });
  const asked = check().then(
    () => "ok",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  return Promise.race([asked, late]);
}

async function metrics(registry: Registry, response: ServerResponse): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { "content-type": registry.contentType }).end(text);
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
