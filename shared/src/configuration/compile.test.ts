import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aFile, aServer, check } from "../../test/configuration.ts";
import { canonicalJson } from "../canonical-json.ts";
import { events } from "../events.ts";
import { configuredServers } from "./compile.ts";

const revisionOf = (file: object) => check(file).configuration?.revision;

describe("a revision", () => {
  test("is 12 hex digits that stay the same for the same rules", () => {
    const file = aFile({ a: aServer() });
    expect(revisionOf(file)).toMatch(/^[0-9a-f]{12}$/);
    expect(revisionOf(file)).toBe(revisionOf(aFile({ a: aServer({ governance: { rate_limit: 100 } }) })));
  });

  test("changes with a rule and not with a credential", () => {
    const first = revisionOf(aFile({ a: aServer({ env: { KEY: "one" } }) }));
    expect(revisionOf(aFile({ a: aServer({ env: { KEY: "two" } }) }, { mongodb_uri: "mongodb://db" }))).toBe(first);
    expect(revisionOf(aFile({ a: aServer({ governance: { rate_limit: 1 } }) }))).not.toBe(first);
  });

  test("does not depend on the order of keys", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const reversed = Object.fromEntries(Object.entries(data).toReversed());
        expect(canonicalJson(reversed)).toBe(canonicalJson(data));
      }),
    );
  });

  test("keeps the data: its canonical text reads back the same", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (data) => {
        expect(canonicalJson(JSON.parse(canonicalJson(data)))).toBe(canonicalJson(data));
      }),
    );
  });
});

describe("a compiled configuration", () => {
  test("has http servers as streamable-http, with timeouts in milliseconds", () => {
    const remote = { transport: "http", url: "https://example.com/mcp", timeout: 5000 };
    expect(check(aFile({ remote })).configuration?.servers[0]).toMatchObject({
      name: "remote",
      transport: { kind: "streamable-http", url: "https://example.com/mcp", headers: {} },
      timeoutMs: 5000,
      disabled: false,
    });
  });

  test("is told as an event without credentials", () => {
    const { configuration } = check(aFile({ a: aServer({ env: { KEY: "secret" } }) }));
    const servers = configuredServers(configuration!);
    expect(servers[0]).toMatchObject({ name: "a", transport: "stdio", mode: "unified", port: 8173, rateLimit: 100 });
    expect(events["governance.config.loaded"].shape.servers.parse(servers)).toEqual(servers);
    expect(JSON.stringify(servers)).not.toContain("secret");
  });
});
