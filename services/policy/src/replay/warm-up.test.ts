import { expect, test } from "vitest";
import { aDocument, type DocumentParts } from "../../test/builders.ts";
import { memoryOf } from "./warm-up.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const limit = (more: object) => ({ limits: [{ id: "a", ...more }] });

test.each<[string, DocumentParts, number]>([
  ["the seed's rate limit for a minute", {}, MINUTE],
  ["a window for its length", { server: limit({ permits: { second: 1, hour: 1 } }) }, HOUR],
  ["a day of the calendar for the longest there is", { global: limit({ daily: 1 }) }, 25 * HOUR],
  ["calls under way for as long as they may hold their place", { server: limit({ concurrent: 1 }) }, 15 * MINUTE],
  ["calls under way of the seed's key as well", { server: { max_concurrent_sessions: 1 } }, 15 * MINUTE],
  ["labels for as long as sessions carry them", { server: { labels: [{ labels: ["private_data"] }] } }, 7 * 24 * HOUR],
])("calls matter by %s", (_what, parts, ms) => {
  expect(memoryOf(aDocument(parts))).toBe(ms);
});
