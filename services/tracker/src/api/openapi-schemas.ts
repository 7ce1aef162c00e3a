import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** As much of JSON Schema as is looked at here. */
export interface JsonSchema {
  [keyword: string]: unknown;
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
}

export type Definitions = Record<string, JsonSchema>;

/** A member of an object. */
export interface Member {
  schema: JsonSchema;
  required: boolean;
}

/** The schema of what is given or answered, as JSON. What it has by name goes to the definitions, for `#/components/schemas`. */
export function schemaOf(schema: z.ZodType, definitions: Definitions): JsonSchema {
  const { $schema: _, ...converted } = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", override });
  // A recursive schema without a name is numbered, from 0 each time.
  const first = Object.keys(definitions).length;
  const unique = (name: string): string =>
    name.replace(/^__schema(\d+)$/, (_all, n) => `Recursive${first + Number(n)}`);
  // As text, since a reference may stand anywhere.
  const text = JSON.stringify(converted).replaceAll(
    /"#\/\$defs\/([^"]+)"/g,
    (_all, name) => `"#/components/schemas/${unique(name)}"`,
  );
  const { $defs = {}, ...rest } = JSON.parse(text) as JsonSchema & { $defs?: Definitions };
  for (const [name, definition] of Object.entries($defs)) define(definitions, unique(name), definition);
  return rest;
}

/** The members of an object's schema. */
export function membersOf(schema: z.ZodType, definitions: Definitions): Record<string, Member> {
  const { properties = {}, required = [] } = schemaOf(schema, definitions);
  return Object.fromEntries(
    Object.entries(properties).map(([name, member]) => [name, { schema: member, required: required.includes(name) }]),
  );
}

/** What is a date in the record is text by the time it is answered; a format says enough without its pattern. */
function override({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  if (zodSchema._zod.def.type === "date") Object.assign(jsonSchema, { type: "string", format: "date-time" });
  if (["date-time", "uuid"].includes(jsonSchema.format ?? "")) delete jsonSchema.pattern;
}

function define(definitions: Definitions, name: string, definition: JsonSchema): void {
  const { id: _, ...plain } = definition;
  const present = definitions[name];
  if (present && !isDeepStrictEqual(present, plain)) throw new Error(`two schemas are named ${name}`);
  definitions[name] = plain;
}
