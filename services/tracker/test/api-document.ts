import { Ajv2020, type ValidateFunction } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import type { Schema } from "./json-schema-arbitrary.ts";

export interface Parameter {
  name: string;
  in: "path" | "query";
  required: boolean;
  schema: Schema;
}

export interface Operation {
  method: string;
  path: string;
  parameters: Parameter[];
  body: Schema | undefined;
  responses: Record<string, Response>;
}

interface Response {
  content: Record<string, { schema?: object }>;
}

interface Described {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, Response | { $ref: string }>;
}

export interface Document {
  paths: Record<string, Record<string, Described>>;
  components: { schemas: Record<string, Schema>; responses: Record<string, Response> };
}

/** What a document says there is, and whether an answer is as it says. */
export function readDocument(document: Document) {
  const ajv = new Ajv2020({ strict: false, allErrors: true });
  // @ts-expect-error: its types are those of a CommonJS module.
  addFormats(ajv);
  ajv.addSchema({ $id: "document", components: closed(document.components) });
  const validators = new Map<object, ValidateFunction>();

  const responseOf = (response: Response | { $ref: string }): Response =>
    "$ref" in response
      ? (document.components.responses[response.$ref.split("/").at(-1) ?? ""] ?? { content: {} })
      : response;

  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, { parameters = [], requestBody, responses }]): Operation => ({
        method: method.toUpperCase(),
        path,
        parameters,
        body: requestBody?.content["application/json"]?.schema,
        responses: Object.fromEntries(Object.entries(responses).map(([status, each]) => [status, responseOf(each)])),
      }),
    ),
  );
  return {
    operations,
    resolve: (reference: string): Schema => document.components.schemas[reference.split("/").at(-1) ?? ""] ?? {},
    /** What is wrong with an answer, by a document that allows no more members than it names. */
    problemsOf(schema: object, value: unknown): unknown {
      const validator = validators.get(schema) ?? ajv.compile(absolute(closed(schema)));
      validators.set(schema, validator);
      return validator(value) ? [] : validator.errors;
    },
  };
}

function closed(value: unknown): object {
  return JSON.parse(
    JSON.stringify(value, (_name, member) => {
      const isObject = member?.type === "object" && member.properties && member.additionalProperties === undefined;
      return isObject ? { ...member, additionalProperties: false } : member;
    }),
  );
}

function absolute(schema: object): object {
  return JSON.parse(JSON.stringify(schema).replaceAll('"$ref":"#/', '"$ref":"document#/'));
}
