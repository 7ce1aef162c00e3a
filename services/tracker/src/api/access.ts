import { randomUUID } from "node:crypto";
import { type EventPublisher, GovernanceError } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import { createEditGuard, createNaming, type Edits } from "./edits.ts";
import type { Endpoint } from "./endpoint.ts";

/** Where it is told that somebody read the record. */
export type Readings = Pick<EventPublisher, "tell" | "accepting">;

interface AccessOptions {
  edits: Edits;
  /** Without it reads are not recorded. */
  readings?: Readings | undefined;
}

const MAX_ADDRESS_CHARS = 1_000;

/** Who may ask what, and that they did. */
export function createAccess({ edits, readings }: AccessOptions) {
  const guard = createEditGuard(edits);
  const nameOf = createNaming(edits);

  return {
    /** Throws for a request that may not make the change it asks for. To be called before the request is looked into. */
    admit({ access }: Endpoint, request: HonoRequest): void {
      if (access === "change") guard(request);
    },
    /**
     * Tells that the record is read, before the answer is made. Throws `audit.unavailable` when so much waits to be
     * kept that it could be forgotten. `peer` is whoever is at the other end of the connection.
     */
    note({ access, method, path }: Endpoint, request: HonoRequest, peer: string | undefined): void {
      if (access !== "trail" || !readings) return;
      if (!readings.accepting)
        throw new GovernanceError("audit.unavailable", "reads cannot be recorded at this moment");
      readings.tell("governance.record.read", {
        id: randomUUID(),
        at: new Date().toISOString(),
        reader: nameOf(request),
        address: addressOf(request, peer),
        route: `${method} ${path}`,
        path: request.path,
        query: request.query(),
      });
    },
  };
}

/** All that is known of the way a request came, the nearest last. Only what our own gateways and balancer added is to be believed. */
function addressOf(request: HonoRequest, peer: string | undefined): string | null {
  const way = [request.header("x-forwarded-for"), peer].filter(Boolean).join(", ");
  return way === "" ? null : way.slice(-MAX_ADDRESS_CHARS);
}
