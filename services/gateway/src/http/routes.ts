import type { IncomingMessage, ServerResponse } from "node:http";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { faultOf } from "../fault.ts";
import type { GovernanceApi } from "../ports.ts";
import type { Guard } from "./guard.ts";
import { refuse } from "./refuse.ts";

export interface RoutesOptions {
  guard: Guard;
  /** Liveness, readiness and metrics: open to probes, which call by address. */
  health: (path: string) => ((response: ServerResponse) => Promise<void>) | undefined;
  mcp: (request: IncomingMessage, response: ServerResponse) => Promise<void>;
  api: GovernanceApi;
  status: () => object;
  log: Log;
}

/** What each path of a listener leads to. */
export function createRoutes({ guard, health, mcp, api, status, log }: RoutesOptions) {
  const governed = (path: string, request: IncomingMessage, response: ServerResponse): void => {
    guard(request);
    if (path === "/mcp" || path === "/mcp/") void mcp(request, response);
    else if (path === "/governance" || path.startsWith("/governance/")) api.handle(request, response);
    else if (path === "/" && request.method === "GET") sendStatus(response, status());
    else throw new GovernanceError("http.path", `Not Found: ${path}`);
  };

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? "/").split("?", 1)[0] ?? "/";
    try {
      const probe = health(path);
      if (probe) await probe(response);
      else governed(path, request, response);
    } catch (error) {
      refuse(response, faultOf(error, log));
    }
  };
}

function sendStatus(response: ServerResponse, status: object): void {
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(status));
}
