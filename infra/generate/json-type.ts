import { z } from "zod";

/** As much of JSON Schema as our schemas use. */
export interface JsonType {
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
  if (schema.named) return `[${schema.named}](#${schema.named.toLowerCase()})`;
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum) return schema.enum.map(code).join(" or ");
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices) return choices.map(describeType).join(" or ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => describeType({ ...schema, type })).join(" or ");
  return describePlain(schema.type, schema);
}

function describePlain(
  type: string | undefined,
  { items, format = "", minimum, maximum = Infinity }: JsonType,
): string {
  if (type === "array") return `list (${describeType(items ?? {})})`;
  if (type === "string") return STRINGS[format] ?? "string";
  if (type !== "integer" || minimum === undefined) return PLAIN[type ?? ""] ?? type ?? "anything";
  if (minimum < -1e9) return "whole number";
  return maximum < Number.MAX_SAFE_INTEGER
    ? `whole number, ${minimum} to ${maximum}`
    : `whole number, at least ${minimum}`;
}

function code(value: unknown): string {
  return `\`${String(value)}\``;
}
