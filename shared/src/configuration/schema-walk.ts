import { z } from "zod";
import type { Path } from "./problem.ts";

type Schema = z.core.$ZodType;

/** The schema without what only says that a value may be missing. */
export function unwrap(schema: Schema): Schema {
  const def: z.core.$ZodTypeDef & { innerType?: Schema } = schema._zod.def;
  return def.innerType ? unwrap(def.innerType) : schema;
}

/** The schema of a list's elements; `undefined` for anything that is no list. */
export function elementOf(schema: Schema): Schema | undefined {
  const inner = unwrap(schema);
  return inner instanceof z.ZodArray ? inner.element : undefined;
}

/** The keys that an object at this path may have; none where the schema has no object there. */
export function keysAt(schema: Schema, path: Path): string[] {
  const inner = unwrap(schema);
  if (inner instanceof z.ZodUnion) return inner.options.flatMap((option) => keysAt(option, path));
  const [step, ...rest] = path;
  if (step === undefined) return inner instanceof z.ZodObject ? Object.keys(inner.shape) : [];
  const member = memberSchema(inner, step);
  return member ? keysAt(member, rest) : [];
}

function memberSchema(schema: Schema, step: string | number): Schema | undefined {
  if (schema instanceof z.ZodObject) return Object.hasOwn(schema.shape, step) ? schema.shape[step] : undefined;
  return schema instanceof z.ZodRecord ? schema.valueType : elementOf(schema);
}
