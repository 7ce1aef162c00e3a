import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { noCalls } from "./no-calls.ts";

test("a limit of 0 refuses every call and promises nothing", () => {
  expect(noCalls("weather.rate_limit")(aRequest(), { now: new Date() })).toEqual({
    code: "rate_limit",
    rule: "weather.rate_limit",
    reason: "Rate limit exceeded: 0/0 requests per minute",
  });
});
