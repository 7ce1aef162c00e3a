import { describe, expect, test } from "vitest";
import { aBatch, aPolicyChanged, START } from "../../test/builders.ts";
import { documentOf, find, now } from "../../test/writes.ts";
import { toWrites } from "./to-writes.ts";

describe("the record of a policy", () => {
  const change = {
    number: 12,
    servers: { weather: { rate_limit: 7, high_security: true, allowed_hours: [], security_level: "high" } },
  };

  test("is one document for each revision, with who, why and what differs", () => {
    const changed = aPolicyChanged(START, change);
    const [revision] = find(toWrites(aBatch(changed, changed), now), "policy_revisions");
    expect(revision?.id).toBe("r12-0123456789ab");
    expect(documentOf(revision!)).toMatchObject({
      number: 12,
      origin: "edit",
      who: "ada",
      why: "incident 7",
      changes: [{ path: "servers.weather.rate_limit", before: "100", after: "7" }],
      document: { servers: { weather: { rate_limit: 7 } } },
      candidate: null,
      timestamp: new Date(START),
      document_type: "policy_revision",
    });
  });

  test("rows 91 and 93: puts the settings in force into governance_configs", () => {
    const writes = toWrites(aBatch(aPolicyChanged(START, change)), now);
    const inForce = { rate_limit: 7, policy_revision: "r12-0123456789ab", policy_at: new Date(START) };
    expect(find(writes, "governance_configs").map(documentOf)).toMatchObject([
      { server_name: "weather", high_security: true, allowed_hours: [], security_level: "high", ...inForce },
    ]);
  });

  test("keeps documents with keys and sizes that MongoDB refuses", () => {
    const dotted = aPolicyChanged(START, { number: 1, servers: { "a.b": {} } });
    const [revision] = find(toWrites(aBatch(dotted), now), "policy_revisions");
    expect(revision?.set.document).toEqual({ _json: dotted.event.document });

    const long = JSON.stringify("ü".repeat(5_000_000));
    const huge = aPolicyChanged(START, {
      number: 2,
      servers: {},
      document: long,
      candidate: long,
      changes: [{ path: "global", before: long, after: long }],
    });
    const [kept] = find(toWrites(aBatch(huge), now), "policy_revisions");
    expect(Buffer.byteLength(JSON.stringify(kept?.set))).toBeLessThan(16 * 1_048_576);
    expect(kept?.set.changes).toMatchObject({ _truncated: true });
  });

  test("is kept also where its document is no policy", () => {
    const odd = aPolicyChanged(START, { number: 3, servers: {}, document: "{" });
    const writes = toWrites(aBatch(odd), now);
    expect(writes.map(({ collection }) => collection)).toEqual(["policy_revisions"]);
  });
});
