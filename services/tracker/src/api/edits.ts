import { createHash, timingSafeEqual } from "node:crypto";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";

/** Who may make changes by the API: whoever has the token, everybody who can reach it, or nobody. */
export type Edits = { token: string } | "open" | "off";

/** Throws `request.unauthorized` or `request.forbidden` for a request that may not make changes. */
export function createEditGuard(edits: Edits): (request: HonoRequest) => void {
  if (edits === "open") return refuseOtherPages;
  if (edits === "off") {
    return () => {
      throw new GovernanceError("request.forbidden", "changes by the API are switched off: ADMIN_TOKEN is not set");
    };
  }
  const isAdmin = createTokenCheck(edits);
  return (request) => {
    if (isAdmin(request)) return;
    throw new GovernanceError("request.unauthorized", "changes need the admin token: Authorization: Bearer …");
  };
}

/** Whether a request presents the admin token; where there is none, nobody does. */
function createTokenCheck(edits: Edits): (request: HonoRequest) => boolean {
  if (typeof edits === "string") return () => false;
  const expected = digest(edits.token);
  return (request) => {
    const given = /^bearer +(\S+)$/i.exec(request.header("authorization") ?? "")?.[1];
    // Digests have one length, so that the time of comparing them tells nothing.
    return given !== undefined && timingSafeEqual(digest(given), expected);
  };
}

/** What is known of who asks: `admin` where the token says so, else `anonymous`. */
export function createNaming(edits: Edits): (request: HonoRequest) => string {
  const isAdmin = createTokenCheck(edits);
  return (request) => (isAdmin(request) ? "admin" : "anonymous");
}

/** A browser lets any page send a POST without a body; what else runs on this machine must not change the policy so. */
function refuseOtherPages(request: HonoRequest): void {
  const origin = request.header("origin");
  if (origin === undefined || origin.replace(/^https?:\/\//, "") === request.header("host")) return;
  throw new GovernanceError(
    "request.forbidden",
    "without a token, changes are taken from programs and from no other page",
  );
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
