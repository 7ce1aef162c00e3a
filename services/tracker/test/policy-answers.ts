import { aPolicyAdmin } from "./a-policy-admin.ts";

const summary = {
  number: 1,
  revision: "r1-0123456789ab",
  hash: "0123456789ab",
  at: "2026-03-01T10:00:00.000Z",
  origin: "file",
  who: "the file",
  why: "",
  candidateRevision: null,
};

const revision = {
  ...summary,
  document: { global: {}, servers: { weather: { rate_limit: 7 }, files: {} }, packs: [] },
  scopes: { global: { origin: "file", fileHash: "a" }, "servers/weather": { origin: "edit", fileHash: "b" } },
  candidate: null,
  problem: null,
};

const explanation = {
  revision: "r1-0123456789ab",
  at: "2026-03-01T10:00:00.000Z",
  effect: "permit",
  rule: null,
  code: null,
  reason: null,
  steps: [{ rule: "no-rain", effect: "deny", verdict: "passed", why: "no condition holds", shadow: false }],
  labels: { session: [], call: [] },
  limits: [{ rule: "weather.rate_limit", kind: "window", permits: 5, cost: 1, windowMs: 60_000, shadow: false }],
  packs: [],
  obligations: [],
  shadows: [],
  degraded: [],
};

/** Answers every question in the form in which the policy service does. */
export const anAnsweringPolicy = () =>
  aPolicyAdmin({
    current: () => revision,
    revisions: () => [summary],
    revision: () => revision,
    diff: () => ({
      from: "r1-0123456789ab",
      to: "r2-0123456789ab",
      changes: [{ path: "/a", before: null, after: "1" }],
    }),
    validate: () => ({ valid: true, problems: [], changes: [] }),
    edit: () => revision,
    reset: () => revision,
    rollback: () => revision,
    candidate: () => revision,
    explain: () => explanation,
  });
