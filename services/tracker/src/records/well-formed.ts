const LONE_SURROGATE = /\p{Surrogate}/u;
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * The value with U+FFFD for each half of a surrogate pair in its texts, since no store gives one back; the value itself
 * where there is none. Members called `skipped` stay as they are.
 */
export function wellFormed<Value>(value: Value, skipped: readonly string[] = []): Value {
  return mended(value, skipped) as Value;
}

function mended(value: unknown, skipped: readonly string[]): unknown {
  if (typeof value === "string") return LONE_SURROGATE.test(value) ? value.replace(LONE_SURROGATES, "\ufffd") : value;
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? mendedArray(value, skipped) : mendedObject(value as Record<string, unknown>, skipped);
}

function mendedArray(items: readonly unknown[], skipped: readonly string[]): readonly unknown[] {
  let copy: unknown[] | undefined;
  for (const [index, item] of items.entries()) {
    const whole = mended(item, skipped);
    if (whole === item) continue;
    copy ??= [...items];
    copy[index] = whole;
  }
  return copy ?? items;
}

function mendedObject(members: Record<string, unknown>, skipped: readonly string[]): Record<string, unknown> {
  let copy: Record<string, unknown> | undefined;
  for (const name in members) {
    if (skipped.includes(name)) continue;
    const whole = mended(members[name], skipped);
    if (whole === members[name]) continue;
    copy ??= { ...members };
    copy[name] = whole;
  }
  return copy ?? members;
}
