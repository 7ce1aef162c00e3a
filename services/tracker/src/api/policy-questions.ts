import { randomUUID } from "node:crypto";
import { DecisionRequest, PolicyQuestion } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { numeric } from "./parameters.ts";

export type Ask = PolicyQuestion["ask"];
type Shape = Record<string, z.ZodType>;

/** A call that nobody has made needs not be told in full. */
const hypothetical = z.strictObject({
  ...DecisionRequest.shape,
  // A default would be in the documentation, another one each time.
  callId: z
    .uuid()
    .optional()
    .transform((id) => id ?? randomUUID()),
  sessionId: z.string().default("hypothetical"),
  principal: z.string().default("anonymous"),
  roles: z.array(z.string()).default([]),
  client: DecisionRequest.shape.client.default(null),
  method: DecisionRequest.shape.method.default("tools/call"),
  arguments: z.unknown().default({}),
});

/** May be said in the query as well, where a body is inconvenient. */
const IN_QUERY: Readonly<Record<string, z.ZodType>> = {
  who: z.string(),
  why: z.string(),
  expected: numeric.meta({ type: "integer", minimum: 1 }),
  limit: numeric.meta({ type: "integer", minimum: 1, maximum: 1_000, default: 100 }),
};

/**
 * What the query and the body of a question may have beside what its path says. Whether it is a question at all,
 * `PolicyQuestion` says of all together; defaults are left to it, so that nothing seems to be given that is not.
 */
export function partsOf(ask: Ask, fixed: readonly string[]): { query: z.ZodType<Shape>; body: z.ZodType<Shape> } {
  const shape = shapeOf(ask);
  const names = Object.keys(shape).filter((name) => name !== "ask" && !fixed.includes(name));
  const inQuery = names.flatMap((name) =>
    IN_QUERY[name] ? [[name, described(IN_QUERY[name], shape[name]).optional()]] : [],
  );
  const inBody = names.map((name) => [name, inBodyOf(name, shape[name] ?? z.unknown())]);
  return {
    query: z.strictObject(Object.fromEntries(inQuery) as Shape) as unknown as z.ZodType<Shape>,
    body: z.strictObject(Object.fromEntries(inBody) as Shape) as unknown as z.ZodType<Shape>,
  };
}

function shapeOf(ask: Ask): Shape {
  const option = PolicyQuestion.options.find(({ shape }) => shape.ask.value === ask);
  if (!option) throw new Error(`no such question: ${ask}`);
  return ask === "explain" ? { ...option.shape, request: hypothetical } : option.shape;
}

function inBodyOf(name: string, type: z.ZodType): z.ZodType {
  const plain = type instanceof z.ZodDefault ? (type.unwrap() as z.ZodType).optional() : type;
  const member = IN_QUERY[name] && !plain.isOptional() ? plain.optional() : plain;
  return described(member, type);
}

function described(type: z.ZodType, as: z.ZodType | undefined): z.ZodType {
  const { description } = as ?? {};
  return description === undefined ? type : type.describe(description);
}
