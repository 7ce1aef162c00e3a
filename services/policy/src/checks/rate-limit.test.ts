import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { noCalls, rateLimit } from "./rate-limit.ts";

const limit = { key: "weather", permits: 5, windowMs: 60_000 };

test("a granted call meets no objection", () => {
  expect(rateLimit("weather.rate_limit")({ granted: true })).toBeUndefined();
});

test("the call after the last permit is refused in the seed's words and told when to come back", () => {
  const refusal = rateLimit("weather.rate_limit")({ granted: false, limit, used: 5, retryAfterMs: 12_345 });
  expect(refusal).toEqual({
    code: "rate_limit",
    rule: "weather.rate_limit",
    reason: "Rate limit exceeded: 5/5 requests per minute",
    retryAfterMs: 12_345,
  });
});

test("a limit of 0 refuses every call and promises nothing", () => {
  expect(noCalls("weather.rate_limit")(aRequest(), { now: new Date() })).toEqual({
    code: "rate_limit",
    rule: "weather.rate_limit",
    reason: "Rate limit exceeded: 0/0 requests per minute",
  });
});
