import fc from "fast-check";

/** As much of JSON Schema as the document uses. */
export interface Schema {
  $ref?: string;
  type?: string | string[];
  const?: unknown;
  enum?: unknown[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema;
  properties?: Record<string, Schema>;
  required?: string[];
  additionalProperties?: boolean | Schema;
  format?: string;
  pattern?: string;
  minimum?: number;
  maximum?: number;
  minLength?: number;
  maxLength?: number;
  minItems?: number;
  maxItems?: number;
}

export type Resolve = (reference: string) => Schema;

const MAX_INTEGER = 100_000;

/** Values that the schema allows. */
export function valuesOf(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valuesOf(resolve(schema.$ref), resolve);
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return fc.oneof(...choices.map((choice) => valuesOf(choice, resolve)));
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => valuesOf({ ...schema, type }, resolve)));
  const { minimum = -MAX_INTEGER, maximum = MAX_INTEGER } = schema;
  switch (schema.type) {
    case "string":
      return texts(schema);
    case "integer":
      return fc.integer({ min: minimum, max: Math.max(minimum, maximum) });
    case "number":
      return fc.oneof(
        fc.integer({ min: minimum, max: maximum }),
        fc.integer({ min: minimum, max: maximum - 1 }).map((n) => n + 0.5),
      );
    case "boolean":
      return fc.boolean();
    case "null":
      return fc.constant(null);
    case "array":
      return fc.array(valuesOf(schema.items ?? {}, resolve), {
        minLength: schema.minItems ?? 0,
        maxLength: Math.min(schema.maxItems ?? 3, 3),
      });
    case "object":
      return objects(schema, resolve);
    default:
      return fc.oneof(fc.string(), fc.integer(), fc.constant(null));
  }
}

function texts({ format, pattern, minLength = 0, maxLength = 40 }: Schema): fc.Arbitrary<string> {
  if (format === "uuid") return fc.uuid();
  if (format === "date-time")
    return fc.integer({ min: 0, max: 2_000_000_000_000 }).map((time) => new Date(time).toISOString());
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern));
  const most = Math.max(minLength, Math.min(maxLength, 40));
  return fc.string({
    minLength,
    maxLength: most,
    unit: fc.constantFrom("a", "Z", "0", " ", "%", "&", "/", ".", "$", "\0", "ü", "😀", "'", '"', "{"),
  });
}

function objects(schema: Schema, resolve: Resolve): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties } = schema;
  const members = Object.entries(properties).map(([name, member]) => [name, valuesOf(member, resolve)]);
  const own = fc.record<Record<string, unknown>, string>(Object.fromEntries(members), { requiredKeys: required });
  if (members.length > 0 || additionalProperties === false) return own;
  const values = typeof additionalProperties === "object" ? additionalProperties : {};
  return fc.dictionary(fc.string({ minLength: 1, maxLength: 8 }), valuesOf(values, resolve), { maxKeys: 2 });
}
