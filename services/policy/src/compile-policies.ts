import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import type { Configuration, Server } from "@mcp-governance-bridge/shared/configuration";
import { allowedHours } from "./checks/allowed-hours.ts";
import { blockedPatterns } from "./checks/blocked-patterns.ts";
import type { Check, Refusal } from "./checks/check.ts";
import { highSecurity } from "./checks/high-security.ts";
import { checkPattern, checkPatternsTogether } from "./checks/pattern-set.ts";
import { noCalls, rateLimit } from "./checks/rate-limit.ts";
import type { Grant, Limit } from "./counter-store.ts";

const MINUTE_MS = 60_000;

/** One server's rules, ready to be asked. The counters stand between two groups of checks, as in the seed's order. */
export interface ServerPolicy {
  beforeCounting: readonly Check[];
  limits: readonly Limit[];
  /** The refusal that goes with what the counters answered. */
  counted: (grant: Grant) => Refusal | undefined;
  afterCounting: readonly Check[];
}

/** All rules of one configuration, by the server's name. */
export interface Policies {
  revision: string;
  servers: ReadonlyMap<string, ServerPolicy>;
}

/** Turns settings into checks once, so that a call pays only for the questions. Throws a StartupError that names every bad pattern. */
export function compilePolicies({ revision, servers }: Pick<Configuration, "revision" | "servers">): Policies {
  const problems = servers.flatMap(patternProblems);
  if (problems.length > 0) {
    throw new StartupError(`invalid configuration\n${problems.join("\n")}`, EXIT_BAD_CONFIGURATION);
  }
  return { revision, servers: new Map(servers.map((server) => [server.name, compileServer(server)])) };
}

function patternProblems({ name, governance }: Server): string[] {
  const path = `mcpServers.${name}.governance.blocked_patterns`;
  const bad = governance.blocked_patterns.flatMap((source, index) => {
    const reason = checkPattern(source);
    return reason === undefined ? [] : [`${path}[${index}]: ${reason}`];
  });
  if (bad.length > 0) return bad;
  const reason = checkPatternsTogether(governance.blocked_patterns);
  return reason === undefined ? [] : [`${path}: ${reason}`];
}

function compileServer({ name, governance }: Server): ServerPolicy {
  const { allowed_hours, rate_limit, blocked_patterns, high_security } = governance;
  const hours = allowedHours(`${name}.allowed_hours`, allowed_hours);
  const rate = `${name}.rate_limit`;
  const patterns = blockedPatterns(`${name}.blocked_patterns`, blocked_patterns);
  return {
    beforeCounting: rate_limit === 0 ? [hours, noCalls(rate)] : [hours],
    limits: [{ key: name, permits: rate_limit, windowMs: MINUTE_MS }],
    counted: rateLimit(rate),
    afterCounting: high_security ? [patterns, highSecurity(`${name}.high_security`)] : [patterns],
  };
}
