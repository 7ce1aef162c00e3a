// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the form that the file uses
import { describe, expect, test } from "vitest";
import { hideInArgument, hideSecrets, isSecretName } from "./secrets.ts";

const hidden = (text: string, name = "VALUE") => hideSecrets(text, name, () => "•");
const inArgument = (argument: string, previous?: string) => hideInArgument(argument, previous, () => "•");

describe("a name of a secret", () => {
  test.each([
    "API_KEY",
    "GITHUB_PERSONAL_ACCESS_TOKEN",
    "tavilyApiKey",
    "x-api-key",
    "PGPASSWORD",
    "DB_PASS",
    "Authorization",
    "Cookie",
    "SENTRY_DSN",
    "clientSecret",
  ])("is %s", (name) => {
    expect(isSecretName(name)).toBe(true);
  });

  test.each(["AUTHOR", "KEYBOARD_LAYOUT", "MONKEY", "LOG_LEVEL", "TOKEN_FILE", "AUTH_URL", "PATH", "Accept"])(
    "is not %s",
    (name) => {
      expect(isSecretName(name)).toBe(false);
    },
  );
});

describe("in a text", () => {
  test.each([
    ["hunter2", "PASSWORD", "•"],
    ["true", "AUTH", "true"],
    ["Bearer abc", "Authorization", "Bearer •"],
    ["Bearer abc", "anything", "Bearer •"],
    ["Bearer ${TOKEN}", "Authorization", "Bearer ${TOKEN}"],
    ["ghp_0123456789abcdefABCD", "X", "•"],
    ["AKIAIOSFODNN7EXAMPLE", "X", "•"],
    ["2c9d5f0e-3b52-4d0e-9a53-0a5d4f7a1b2c", "X", "•"],
    ["info", "LOG_LEVEL", "info"],
    ["/home/me/notes", "DIR", "/home/me/notes"],
    ["@modelcontextprotocol/server-github", "X", "@modelcontextprotocol/server-github"],
    ["Qwen2-VL-72B-Instruct-AWQ", "MODEL", "Qwen2-VL-72B-Instruct-AWQ"],
    ["postgresql://me:p%40ss@db:5432/x?sslmode=require", "DATABASE_URL", "postgresql://me:•@db:5432/x?sslmode=require"],
    ["postgresql://me:p@ss@db/x", "DATABASE_URL", "postgresql://me:•@db/x"],
    ["postgresql://me:p/ss@db/x", "DATABASE_URL", "•"],
    ["mongodb://me:${PW}@db/x", "URI", "mongodb://me:${PW}@db/x"],
    ["https://abc@o1.ingest.example/2", "X_URL", "https://•@o1.ingest.example/2"],
    ["https://mcp.example/mcp/?tavilyApiKey=tv&x=1#key=2", "url", "https://mcp.example/mcp/?tavilyApiKey=•&x=1#key=•"],
    ["https://mcp.example/s/9f8e7d6c5b4a39281706f5e4d3c2b1a0/mcp", "url", "https://mcp.example/s/•/mcp"],
    ["https://unpkg.example/@scope/pkg", "url", "https://unpkg.example/@scope/pkg"],
    ["http://[::1]:8080/mcp", "url", "http://[::1]:8080/mcp"],
    ["Server=db;Password=x y;", "CONNECTION", "•"],
    ['{"type":"service_account","private_key":"x"}', "ACCOUNT", "•"],
  ])("%s of %s becomes %s", (text, name, expected) => {
    expect(hidden(text, name)).toBe(expected);
  });
});

describe("in an argument", () => {
  test.each([
    ["hunter2", "--password", "•"],
    ["--api-key=abc", undefined, "--api-key=•"],
    ["GITHUB_TOKEN=abc", "-e", "GITHUB_TOKEN=•"],
    ["GITHUB_TOKEN", "-e", "GITHUB_TOKEN"],
    ["Authorization: Bearer abc", "--header", "Authorization: Bearer •"],
    ["Authorization:${AUTH}", "--header", "Authorization:${AUTH}"],
    ["https://a.example/?token=abc", "mcp-remote", "https://a.example/?token=•"],
    ["node:22", undefined, "node:22"],
    ["-y", "--token", "-y"],
    ["/srv/files", "--root", "/srv/files"],
    ["sk-proj-0123456789abcdef", undefined, "•"],
  ])("%s after %s becomes %s", (argument, previous, expected) => {
    expect(inArgument(argument, previous)).toBe(expected);
  });
});
