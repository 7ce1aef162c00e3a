import type { IncomingMessage } from "node:http";
import { GovernanceError } from "@mcp-governance-bridge/shared";

export interface GuardOptions {
  /** Host names, without port, by which the gateway may be called. */
  hosts: readonly string[];
  /** Whole origins, e.g. `https://chat.example.com`, whose pages may call it, besides those of the hosts. */
  origins: readonly string[];
}

export type Guard = (request: IncomingMessage) => void;

/** What loopback is called. */
export const LOOPBACK_HOSTS = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Throws `http.host` or `http.origin` for a request that a page of somebody else's could have made the browser send
 * (DNS rebinding, cross-site requests). Programs send no Origin and are not affected by it.
 */
export function createGuard({ hosts, origins }: GuardOptions): Guard {
  const knownHosts = new Set(hosts.map((host) => host.toLowerCase()));
  const knownOrigins = new Set(origins.map((origin) => origin.toLowerCase()));
  return ({ headers: { host, origin } }) => {
    if (!knownHosts.has(hostName(host ?? ""))) {
      throw new GovernanceError("http.host", `Host not allowed: ${host ?? "none"}`);
    }
    if (origin === undefined || knownOrigins.has(origin.toLowerCase())) return;
    if (!/^https?:\/\//i.test(origin) || !knownHosts.has(hostName(origin.replace(/^https?:\/\//i, "")))) {
      throw new GovernanceError("http.origin", `Origin not allowed: ${origin}`);
    }
  };
}

function hostName(host: string): string {
  return host.replace(/:\d*$/, "").toLowerCase();
}
