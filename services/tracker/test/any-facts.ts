import type { Published } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { aCompleted, aDecided, aDenied } from "./builders.ts";

/** JSON text as a hostile or careless side may send it. */
export const anyJson = fc.oneof(
  fc.json({
    stringUnit: fc.oneof(
      { weight: 9, arbitrary: fc.string({ unit: "binary", minLength: 1, maxLength: 1 }) },
      fc.constantFrom("$", ".", "\0", "\ud800", "_json", "__proto__", "constructor", "_id", "toBSON", "length"),
    ),
    maxDepth: 4,
  }),
  fc.integer({ min: 1, max: 400 }).map((depth) => `${'{"a":['.repeat(depth)}-0${"]}".repeat(depth)}`),
  fc.constantFrom('{"__proto__":{"a":1}}', "[1e400,-0,9007199254740993,0.1e-7]", '"\\ud800"', '{"a":1,"A":2,"a ":3}'),
  fc.constantFrom('{"é":1,"e\u0301":2}', '{"toBSON":null,"toJSON":1,"valueOf":2,"hasOwnProperty":3}', '{"10":1,"9":2}'),
  fc.constantFrom(
    JSON.stringify("x".repeat(300_000)),
    '{"$date":"2026-01-01T00:00:00Z"}',
    '{"_id":{"$oid":"0"}}',
    "null",
  ),
);

const anyText = fc.oneof(fc.string({ unit: "binary", maxLength: 8 }), fc.constantFrom("a\ud800", "$a.b", "\0"));

/** The facts of a call of a session that anything may be odd about. */
export const anyCall = fc
  .record({
    target: anyText,
    client: fc.option(fc.record({ name: anyText, version: anyText })),
    protocolVersion: fc.option(fc.constantFrom("2025-11-25", "2026-07-28")),
    recording: fc.constantFrom("full" as const, "outline" as const),
    text: anyJson,
    errorMessage: fc.option(anyText),
    durationMs: fc.constantFrom(0, -0, 1e-7, 20.123),
    pointer: anyText,
    isDenied: fc.boolean(),
    hasEnd: fc.boolean(),
  })
  .map(({ text, errorMessage, durationMs, pointer, isDenied, hasEnd, ...call }) => (sessionId: string): Published[] => {
    const payload = { text, size: text.length, truncated: false };
    const decided = (isDenied ? aDenied : aDecided)({ ...call, sessionId, inputs: payload });
    if (isDenied || !hasEnd) return [decided];
    const masked = [{ rule: "r", action: "redact" as const, pattern: null, pointer, count: 1 }];
    const end = { ...call, sessionId, outputs: payload, errorMessage, durationMs, masked };
    return [decided, aCompleted(decided, end)];
  });

/** An order, and how many come at a time. */
export const scrambled = fc.record({
  order: fc.array(fc.nat(6), { minLength: 0, maxLength: 20 }),
  size: fc.integer({ min: 1, max: 8 }),
});

/** Every fact at least once, some twice, in the drawn order. */
export function batchesOf(facts: Published[], { order, size }: { order: number[]; size: number }): Published[][] {
  const drawn = order.map((index) => facts[index]).filter((fact) => fact !== undefined);
  const sequence = [...drawn, ...facts.filter((fact) => !drawn.includes(fact)).toReversed()];
  const count = Math.ceil(sequence.length / size);
  return Array.from({ length: count }, (_, index) => sequence.slice(index * size, (index + 1) * size));
}
