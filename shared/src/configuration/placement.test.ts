import { describe, expect, test } from "vitest";
import { aFile, aServer, check, problemsOf } from "../../test/configuration.ts";

const placed = (governance: object, more: object = {}) => aServer({ governance, ...more });
const portsOf = (file: object) => check(file).configuration?.servers.map(({ port }) => port);

describe("unified", () => {
  test("serves everything on the base port, whatever the servers say", () => {
    const servers = {
      a: placed({ governance_prefix: "a", mode: "separate_port", port: 9000 }),
      b: placed({ governance_prefix: "b", port: 9000 }),
    };
    expect(portsOf(aFile(servers, { base_port: 9001 }))).toEqual([9001, 9001]);
  });

  test("two servers of one prefix are a problem that names both, default prefixes included", () => {
    expect(problemsOf(aFile({ a: aServer(), b: aServer() }))).toEqual([
      'mcpServers.b.governance.governance_prefix: "a" and "b" publish under the same prefix on port 8173 (give each a "governance_prefix" of its own)',
    ]);
  });

  test("a disabled server collides with nobody", () => {
    expect(problemsOf(aFile({ a: aServer(), b: aServer({ disabled: true }) }))).toEqual([]);
  });
});

describe("multi-port", () => {
  const mode = { deployment_mode: "multi-port" };

  test("serves each server on its own port, under any prefix", () => {
    expect(portsOf(aFile({ a: placed({ port: 9000 }), b: placed({ port: 9001 }) }, mode))).toEqual([9000, 9001]);
  });

  test("the default port of two servers is a clash that names both", () => {
    expect(problemsOf(aFile({ a: aServer(), b: aServer() }, mode))).toEqual([
      'mcpServers.b.governance.port: "a" and "b" both listen on port 8174 (give each server a "port" of its own)',
    ]);
  });

  test("takes no port for a disabled server, nor the base port", () => {
    const servers = { a: placed({ port: 8173 }), b: placed({ port: 8173 }, { disabled: true }) };
    expect(problemsOf(aFile(servers, mode))).toEqual([]);
  });
});

describe("hybrid", () => {
  const mode = { deployment_mode: "hybrid" };

  test("a port of one's own must not be the base port while that is in use", () => {
    const own = placed({ mode: "separate_port", port: 8173 });
    expect(problemsOf(aFile({ own, shared: aServer() }, mode))).toEqual([
      'mcpServers.own.governance.port: the shared listener and "own" both listen on port 8173 (give each server a "port" of its own)',
    ]);
    expect(problemsOf(aFile({ own }, mode))).toEqual([]);
  });

  test("clashes are found although other settings are wrong", () => {
    const own = { mode: "separate_port" };
    const servers = { a: placed(own), b: placed({ ...own, rate_limit: -1 }) };
    expect(problemsOf(aFile(servers, { ...mode, enable_trackng: true }))).toEqual([
      'governance.enable_trackng: unknown key (did you mean "enable_tracking"?)',
      'mcpServers.b.governance.port: "a" and "b" both listen on port 8174 (give each server a "port" of its own)',
      "mcpServers.b.governance.rate_limit: must be at least 0",
    ]);
  });
});
