import { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { compileLimits } from "../src/rules/limit-rules.ts";
import type { RuleLimit } from "../src/rules/rule-limit.ts";
import { aRequest } from "./builders.ts";

type Given = Record<string, unknown>;

export const noon = new Date("2026-01-15T12:00:00Z");

/** Two servers in UTC, `weather` and `files`, without a rate limit of their own but for what the test gives. */
export function twoServers({ global = {}, weather = {} }: { global?: Given; weather?: Given }): PolicyDocument {
  const quiet = { rate_limit: 0, disabled: false };
  return PolicyDocument.parse({
    global: { time_zone: "UTC", ...global },
    servers: { weather: { ...quiet, ...weather }, files: quiet },
    packs: [],
  });
}

/** Rules of the server `weather`. */
export const ownLimits = (...limits: Given[]) => twoServers({ weather: { limits } });
/** Rules for both servers. */
export const sharedLimits = (...limits: Given[]) => twoServers({ global: { limits } });

export function limitsOf(document: PolicyDocument, request = aRequest(), now = noon): readonly RuleLimit[] {
  return compileLimits(document, request.server)(request, now);
}

/** The only one. */
export function oneLimit(document: PolicyDocument, request = aRequest(), now = noon): RuleLimit {
  const [limit, ...others] = limitsOf(document, request, now);
  if (!limit || others.length > 0)
    throw new Error(`${others.length + Number(limit !== undefined)} limits instead of one`);
  return limit;
}

export const keyOf = (document: PolicyDocument, request = aRequest()) => oneLimit(document, request).limit.key;

/** The refusal's text once 100 permits are in use. */
export function textOf(document: PolicyDocument, request = aRequest(), retryAfterMs?: number): string {
  return oneLimit(document, request).refuse(100, retryAfterMs).reason;
}
