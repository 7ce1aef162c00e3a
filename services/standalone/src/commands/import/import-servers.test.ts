// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the form that the file uses
import { checkConfiguration } from "@mcp-governance-bridge/shared/configuration";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { importServers } from "./import-servers.ts";

const imported = (servers: Record<string, unknown>) => importServers(servers, () => []);
const entryOf = (server: unknown) => imported({ a: server }).servers.a;
const governance = { governance_prefix: "a" };

describe("a server becomes ours", () => {
  test.each([
    [
      "of Claude Desktop",
      { command: "npx", args: ["-y", "pkg", 3], env: { LEVEL: "info", RETRIES: 2 } },
      { transport: "stdio", command: "npx", args: ["-y", "pkg", "3"], env: { LEVEL: "info", RETRIES: "2" } },
    ],
    [
      "of VS Code",
      { type: "stdio", command: "node", args: ["${workspaceFolder}/x.js", "${input:mode}"], cwd: "${userHome}/w" },
      { transport: "stdio", command: "node", args: ["${WORKSPACE_FOLDER}/x.js", "${MODE}"], cwd: "${HOME}/w" },
    ],
    [
      "of Cursor",
      { url: "https://h.example/mcp", headers: { Accept: "*/*", "X-Team": "${env:TEAM}" } },
      { transport: "streamable-http", url: "https://h.example/mcp", headers: { Accept: "*/*", "X-Team": "${TEAM}" } },
    ],
    [
      "of Claude Code",
      { type: "http", url: "${BASE:-https://h.example}/mcp" },
      { transport: "streamable-http", url: "${BASE:-https://h.example}/mcp" },
    ],
    [
      "of Windsurf",
      { serverUrl: "https://h.example/mcp", disabled: true },
      { transport: "streamable-http", url: "https://h.example/mcp", disabled: true },
    ],
    [
      "of Cline, which counts in seconds",
      { type: "streamableHttp", url: "https://h.example/mcp", timeout: 90, disabled: false },
      { transport: "streamable-http", url: "https://h.example/mcp", timeout: 90_000 },
    ],
    [
      "of Gemini, which counts in milliseconds",
      { httpUrl: "https://h.example/mcp", timeout: 30_000 },
      { transport: "streamable-http", url: "https://h.example/mcp", timeout: 30_000 },
    ],
    [
      "with a stray brace",
      { command: "x", args: ["${", "$HOME"] },
      { transport: "stdio", command: "x", args: ["$${", "$HOME"] },
    ],
  ])("%s", (_client, given, expected) => {
    expect(entryOf(given)).toEqual({ ...expected, governance });
  });

  test("its disabled tools are denied by a rule", () => {
    expect(entryOf({ command: "x", disabledTools: ["drop"] })).toMatchObject({
      governance: { policies: [{ id: "disabled-tools", effect: "deny", tools: ["drop"] }] },
    });
  });
});

describe("what cannot be carried over is said", () => {
  test.each([
    [{ type: "sse", url: "https://h.example/sse" }, "a was left out: the transport sse comes in a later release"],
    [{ url: "https://h.example/sse?x=1" }, "a was left out: the transport sse comes in a later release"],
    [{ type: "carrier-pigeon" }, 'a was left out: its transport "carrier-pigeon" is not known'],
    [{ type: "http", command: "x" }, "a was left out: it has no url"],
    [{}, "a was left out: it has neither a command nor a url"],
    [7, "a was left out: it is no object"],
    [{ url: "ftp://h.example" }, "a was left out: url must be an address that begins with http:// or https://"],
    [{ command: "x", autoApprove: ["y"] }, "a: autoApprove was left out: what needs approval is said by policies"],
    [{ command: "x", envFile: ".env" }, "a: envFile was left out: put what it holds into env"],
    [{ command: "x", env: { A: null } }, "a: env.A is no text and was left out"],
    [{ command: "x", timeout: "long" }, "a: timeout is no number above 0 and was left out"],
  ])("%j", (server, note) => {
    expect(imported({ a: server }).notes.join("\n")).toContain(note);
  });
});

describe("names", () => {
  test("are made valid and distinct, prefixes too", () => {
    const { servers, notes } = imported({ "My Server!": { command: "x" }, "My Server?": { command: "y" } });
    expect(Object.keys(servers)).toEqual(["My-Server", "My-Server-2"]);
    expect(servers["My-Server-2"]).toMatchObject({ governance: { governance_prefix: "My-Server-2" } });
    expect(notes).toEqual(["My Server!: is called My-Server here", "My Server?: is called My-Server-2 here"]);
  });

  test("of variables are shared by equal secrets, and by no others", () => {
    const withKey = (API_KEY: string) => ({ command: "x", env: { API_KEY } });
    const { servers, variables } = imported({ a: withKey("one"), b: withKey("one"), c: withKey("two") });
    expect(Object.values(servers)).toMatchObject([
      { env: { API_KEY: "${API_KEY}" } },
      { env: { API_KEY: "${API_KEY}" } },
      { env: { API_KEY: "${C_API_KEY}" } },
    ]);
    expect(variables).toEqual(["API_KEY", "C_API_KEY"]);
  });

  test("of variables that the file refers to itself are left to it", () => {
    const { servers } = imported({
      a: { command: "x", env: { API_KEY: "one" } },
      b: { command: "x", env: { KEY: "${API_KEY}" } },
    });
    expect(servers).toMatchObject({ a: { env: { API_KEY: "${A_API_KEY}" } }, b: { env: { KEY: "${API_KEY}" } } });
  });
});

const text = fc.string({
  unit: fc.constantFrom("a", "Z", "9", "-", "/", ":", "$", "{", "}", "@", "=", " ", '"', "\\"),
});
const anyServer = fc.record(
  {
    command: text,
    args: fc.array(fc.oneof(text, fc.integer(), fc.constant(null))),
    env: fc.dictionary(text, fc.oneof(text, fc.boolean())),
    url: fc.oneof(
      text,
      text.map((rest) => `https://h.example/${rest}`),
    ),
    headers: fc.dictionary(text, text),
    type: fc.oneof(fc.constantFrom("stdio", "http", "sse", "STDIO"), text),
    timeout: fc.oneof(fc.double(), fc.integer()),
    disabled: fc.boolean(),
    disabledTools: fc.array(text),
    cwd: text,
  },
  { requiredKeys: [] },
);

describe("whatever the client's file holds", () => {
  test("what is imported passes our own check", () => {
    fc.assert(
      fc.property(fc.dictionary(text, fc.oneof(anyServer, fc.jsonValue())), (given) => {
        const { servers, variables } = imported(given as Record<string, unknown>);
        if (Object.keys(servers).length === 0) return;
        const env = Object.fromEntries(variables.map((name) => [name, "https://example.com"]));
        expect(checkConfiguration(JSON.stringify({ mcpServers: servers }), { env }).problems).toEqual([]);
      }),
    );
  });

  test("a secret with a secret's name is shown nowhere", () => {
    const secret = fc.stringMatching(/^[a-zA-Z0-9!#%_+-]{8,40}$/).map((tail) => `S3cr${tail}`);
    fc.assert(
      fc.property(secret, (value) => {
        const stdio = {
          command: "x",
          args: ["--api-key", value, `--token=${value}`, `PASSWORD=${value}`, `Authorization: Bearer ${value}`],
          env: {
            API_KEY: value,
            DATABASE_URL: `postgres://me:${encodeURIComponent(value)}@db/x`,
            AUTH: `Bearer ${value}`,
          },
          timeout: "x",
        };
        const http = {
          url: `https://h.example/mcp?api_key=${encodeURIComponent(value)}`,
          headers: { Authorization: `Bearer ${value}`, "X-Api-Key": value, Cookie: `s=${value}` },
        };
        const told = JSON.stringify(imported({ stdio, http }));
        expect(told).not.toContain(value);
        expect(told).not.toContain(encodeURIComponent(value));
      }),
    );
  });
});
