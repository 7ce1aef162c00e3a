import type { IncomingMessage } from "node:http";
import { describe, expect, test } from "vitest";
import { createGuard, LOOPBACK_HOSTS } from "./guard.ts";

const guard = createGuard({
  hosts: [...LOOPBACK_HOSTS, "Gateway.Example"],
  origins: ["https://chat.example.com"],
});
const check = (headers: { host?: string; origin?: string }) => () => guard({ headers } as IncomingMessage);

describe("a request may come to", () => {
  test.each([
    "localhost",
    "localhost:8173",
    "LOCALHOST:1",
    "127.0.0.1:8173",
    "[::1]",
    "[::1]:8173",
    "gateway.example:443",
  ])("%s", (host) => {
    expect(check({ host })).not.toThrow();
  });

  test.each([
    undefined,
    "",
    "evil.example",
    "localhost.evil.example",
    "evil.localhost",
    "0.0.0.0",
    "127.0.0.2",
    "[::2]:1",
    ":8173",
  ])("no other host: %s", (host) => {
    expect(check(host === undefined ? {} : { host })).toThrow(expect.objectContaining({ code: "http.host" }));
  });
});

describe("a request may come from", () => {
  test.each([
    "http://localhost",
    "http://localhost:3000",
    "https://127.0.0.1:9",
    "http://[::1]:8173",
    "https://gateway.example",
    "https://chat.example.com",
    "HTTPS://CHAT.example.com",
  ])("a page of %s", (origin) => {
    expect(check({ host: "localhost", origin })).not.toThrow();
  });

  test.each([
    "null",
    "",
    "https://evil.example",
    "https://chat.example.com.evil.example",
    "https://chat.example.com:8443",
    "http://chat.example.com",
    "http://localhost.evil.example",
    "http://localhost@evil.example",
    "file://localhost",
    "localhost",
    "http://localhost, https://evil.example",
  ])("no other page: %s", (origin) => {
    expect(check({ host: "localhost", origin })).toThrow(expect.objectContaining({ code: "http.origin" }));
  });

  test("a program, which names no origin", () => {
    expect(check({ host: "localhost" })).not.toThrow();
  });
});
