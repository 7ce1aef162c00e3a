import type { z } from "zod";
import { memberOf } from "./plain-object.ts";
import type { Path } from "./problem.ts";
import { elementOf } from "./schema-walk.ts";

/** Settings of which every member is valid, and where the elements of shortened lists stood. */
export interface Salvaged {
  settings: Record<string, unknown>;
  /** The path in the original of a path in the settings. */
  original: (path: Path) => Path;
}

/** What of an object can be used: valid members, valid elements of lists, and defaults instead of the rest. */
export function salvage(shape: Readonly<Record<string, z.ZodType>>, value: unknown): Salvaged {
  const places = new Map<string, readonly number[]>();
  const members = Object.entries(shape).map(([key, schema]): [string, unknown] => {
    const given = memberOf(value, key);
    const whole = schema.safeParse(given);
    if (whole.success) return [key, whole.data];
    const parts = validElements(schema, given);
    places.set(key, parts?.places ?? []);
    return [key, parts ? parts.elements : schema.safeParse(undefined).data];
  });
  const original = ([key, index, ...rest]: Path): Path => {
    const place = typeof index === "number" ? places.get(String(key))?.[index] : undefined;
    return [key, place ?? index, ...rest].filter((step) => step !== undefined);
  };
  return { settings: Object.fromEntries(members.filter(([, member]) => member !== undefined)), original };
}

function validElements(schema: z.ZodType, value: unknown): { elements: unknown[]; places: number[] } | undefined {
  const element = elementOf(schema) as z.ZodType | undefined;
  if (!element || !Array.isArray(value)) return undefined;
  const parsed = value.map((item, place) => ({ place, ...element.safeParse(item) })).filter(({ success }) => success);
  return { elements: parsed.map(({ data }) => data), places: parsed.map(({ place }) => place) };
}
