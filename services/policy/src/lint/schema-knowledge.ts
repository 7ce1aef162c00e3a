type Schema = Readonly<Record<string, unknown>>;

/** Keywords by which a schema may say more than what is looked at here. */
const ELSEWHERE = [
  "$ref",
  "$dynamicRef",
  "allOf",
  "anyOf",
  "oneOf",
  "if",
  "not",
  "patternProperties",
  "dependentSchemas",
];

export interface SchemaQuestion {
  /** Keys and indexes; `*` stands for any one. */
  steps: readonly string[];
  /** Whether a member counts as possible that is not declared, where the schema does not forbid it. */
  takesUndeclared: boolean;
}

/** Whether data by this JSON Schema may have a value there. True wherever the schema does not tell. */
export function mayHave(schema: unknown, { steps: [step, ...steps], takesUndeclared }: SchemaQuestion): boolean {
  if (schema === false) return false;
  if (step === undefined || !isSchema(schema) || ELSEWHERE.some((keyword) => Object.hasOwn(schema, keyword)))
    return true;
  const inside = (inner: unknown): boolean => mayHave(inner, { steps, takesUndeclared });
  return inMembers(schema, { step, inside, takesUndeclared }) || inItems(schema, { step, inside });
}

interface Look {
  step: string;
  inside: (inner: unknown) => boolean;
}

function inMembers(schema: Schema, { step, inside, takesUndeclared }: Look & { takesUndeclared: boolean }): boolean {
  const { properties, additionalProperties } = schema;
  if (!allows(schema, "object")) return false;
  const declared = isSchema(properties) ? properties : {};
  if (step === "*" && Object.values(declared).some(inside)) return true;
  if (step !== "*" && Object.hasOwn(declared, step)) return inside(declared[step]);
  if (additionalProperties !== undefined) return inside(additionalProperties);
  return takesUndeclared || !isSchema(properties);
}

function inItems(schema: Schema, { step, inside }: Look): boolean {
  const isStep = step === "*" || /^(0|[1-9]\d*)$/.test(step);
  if (!isStep || !allows(schema, "array")) return false;
  // Without a type, properties say that an object is meant.
  if (schema.type === undefined && schema.properties !== undefined) return false;
  return Object.hasOwn(schema, "prefixItems") || inside(schema.items);
}

function allows({ type }: Schema, wanted: string): boolean {
  return type === undefined || type === wanted || (Array.isArray(type) && type.includes(wanted));
}

function isSchema(value: unknown): value is Schema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
