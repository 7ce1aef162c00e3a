import { z } from "zod";

/** As much of JSON Schema as our schemas use. */
export interface JsonType {
  $ref?: string;
  $defs?: Record<string, JsonType>;
  type?: string | string[];
  format?: string;
  const?: unknown;
  enum?: unknown[];
  anyOf?: JsonType[];
  oneOf?: JsonType[];
  items?: JsonType;
  properties?: Record<string, JsonType>;
  required?: string[];
  additionalProperties?: boolean | JsonType;
  description?: string;
  default?: unknown;
  minimum?: number;
  exclusiveMinimum?: number;
  maximum?: number;
  /** Our own: a type that is documented under this name. */
  named?: string;
}

/** The schema as plain JSON types; what `names` holds is marked with its name. */
export function toJsonType(schema: z.ZodType, names: ReadonlyMap<unknown, string> = new Map()): JsonType {
  return z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    override: ({ zodSchema, jsonSchema }) => {
      const name = names.get(zodSchema);
      if (name) Object.assign(jsonSchema, { named: name });
    },
  }) as JsonType;
}

const STRINGS: Readonly<Record<string, string>> = { "date-time": "time, ISO 8601", uuid: "UUID", uri: "address" };
const PLAIN: Readonly<Record<string, string>> = { integer: "whole number", boolean: "true or false" };

/** The type in words. */
export function describeType(schema: JsonType): string {
  const named = nameOf(schema);
  if (named) return `[${named}](#${named.toLowerCase()})`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(describeChoice).join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => describeType({ ...schema, type })).join(" or ");
  return describePlain(schema.type, schema);
}

function nameOf({ named, $ref }: JsonType): string | undefined {
  return named ?? $ref?.split("/").at(-1);
}

function describeChoice(schema: JsonType): string {
  const keys = Object.keys(schema.properties ?? {});
  return schema.type === "object" && keys.length > 0
    ? `object with ${keys.map(code).join(", ")}`
    : describeType(schema);
}

function describePlain(type: string | undefined, schema: JsonType): string {
  const { items, format = "" } = schema;
  if (type === "array") return `list (${describeType(items ?? {})})`;
  if (type === "string") return STRINGS[format] ?? "string";
  return (PLAIN[type ?? ""] ?? type ?? "anything") + describeRange(type, schema);
}

function describeRange(
  type: string | undefined,
  { minimum = -Infinity, exclusiveMinimum, maximum = Infinity }: JsonType,
): string {
  if (exclusiveMinimum !== undefined) return `, more than ${exclusiveMinimum}, at most ${maximum}`;
  if (type !== "integer" || minimum < -1e9) return "";
  return maximum < Number.MAX_SAFE_INTEGER ? `, ${minimum} to ${maximum}` : `, at least ${minimum}`;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
