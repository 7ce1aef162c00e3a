import { describe, expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { limitsOf, oneLimit, ownLimits, textOf, twoServers } from "../../test/limits.ts";
import { compileLimits } from "./limit-rules.ts";

describe("costs", () => {
  const rule = {
    id: "credits",
    permits: { minute: 100 },
    concurrent: 2,
    cost: 2,
    costs: [
      { tools: ["free_*"], cost: 0 },
      { tools: ["render", "free_*"], cost: 25 },
    ],
  };

  test.each([
    ["get_forecast", 2],
    ["render", 25],
  ])("%s takes %i permits", (target, cost) => {
    expect(limitsOf(ownLimits(rule), aRequest({ target }))[0]?.limit).toMatchObject({ kind: "window", cost });
  });

  test("are told where there are any", () => {
    const [rate, concurrent] = limitsOf(ownLimits(rule), aRequest({ target: "render" }));
    expect(rate?.refuse(80, 61_000).reason).toBe(
      "Rate limit exceeded: 80/100 permits per minute (limit credits, this call takes 25); try again in 61 s",
    );
    expect(concurrent?.refuse(2, undefined).reason).toBe(
      "Concurrency limit exceeded: 2/2 calls under way (limit credits); try again when one of them has ended",
    );
  });

  test("a call that costs nothing asks no count of permits, but is under way like any other", () => {
    const limits = limitsOf(ownLimits(rule), aRequest({ target: "free_lunch" }));
    expect(limits.map(({ limit }) => limit.kind)).toEqual(["concurrent"]);
  });

  test("by tool are not for prompts of that name", () => {
    const request = aRequest({ method: "prompts/get", target: "render" });
    expect(limitsOf(ownLimits(rule), request)[0]?.limit).toMatchObject({ cost: 2 });
  });
});

describe("a daily quota", () => {
  const daily = { id: "quota", daily: 10 };
  const inZone = (time_zone: string) => twoServers({ weather: { time_zone, limits: [daily] } });
  const quotaAt = (time_zone: string, at: string) => {
    const { limit } = oneLimit(inZone(time_zone), aRequest(), new Date(at));
    return { key: limit.key, endsAt: limit.kind === "quota" ? new Date(limit.endsAt).toISOString() : undefined };
  };

  test.each([
    ["Europe/Berlin", "2026-01-15T22:59:59Z", "2026-01-15T23:00:00.000Z"],
    ["Europe/Berlin", "2026-03-29T00:30:00Z", "2026-03-29T22:00:00.000Z"],
    ["Europe/Berlin", "2026-10-25T00:30:00Z", "2026-10-25T23:00:00.000Z"],
    ["Asia/Kathmandu", "2026-01-15T18:14:59Z", "2026-01-15T18:15:00.000Z"],
    ["America/Santiago", "2026-09-05T12:00:00Z", "2026-09-06T04:00:00.000Z"],
  ])("in %s at %s ends at %s", (zone, at, endsAt) => {
    expect(quotaAt(zone, at).endsAt).toBe(endsAt);
  });

  test("is counted anew from the first instant of the next day, and not before", () => {
    const limits = compileLimits(inZone("Europe/Berlin"), "weather");
    const keyAt = (at: string) => limits(aRequest(), new Date(at))[0]?.limit.key;
    const keys = ["2026-01-15T12:00:00Z", "2026-01-15T22:59:59.999Z", "2026-01-15T23:00:00Z", "2026-01-15T22:00:00Z"];
    const [noonKey, lateKey, nextKey, backKey] = keys.map(keyAt);
    expect(lateKey).toBe(noonKey);
    expect(nextKey).not.toBe(noonKey);
    expect(backKey).toBe(noonKey);
  });

  test("of a global rule goes by the global time zone, so that all servers count one day", () => {
    const document = twoServers({
      global: { time_zone: "America/New_York", limits: [daily] },
      weather: { time_zone: "Europe/Berlin" },
    });
    expect(oneLimit(document).limit).toMatchObject({ endsAt: Date.parse("2026-01-16T05:00:00Z") });
  });

  test("names the day, and waits in minutes and hours", () => {
    const text = (retryAfterMs: number) => textOf(inZone("Europe/Berlin"), aRequest(), retryAfterMs);
    expect(text(119_000)).toBe(
      "Rate limit exceeded: 100/10 requests on 2026-01-15 in Europe/Berlin (limit quota); try again in 119 s",
    );
    expect(text(119_001)).toContain("; try again in 2 min");
    expect(text(7_139_000)).toContain("; try again in 119 min");
    expect(text(7_200_000)).toContain("; try again in 2 h");
    expect(text(7_200_001)).toContain("; try again in 2 h 1 min");
  });
});

test("the operator's reason ends the text", () => {
  const document = ownLimits({ id: "fair", permits: { minute: 5 }, reason: "Use the batch tool." });
  expect(textOf(document, aRequest(), 1_000)).toBe(
    "Rate limit exceeded: 100/5 requests per minute (limit fair); try again in 1 s. Use the batch tool.",
  );
});
