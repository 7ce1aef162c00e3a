import { isDeepStrictEqual } from "node:util";
import { type ErrorCode, errorTable } from "@mcp-governance-bridge/shared";
import type { Endpoint } from "./endpoint.ts";
import { type Definitions, type JsonSchema, schemaOf } from "./openapi-schemas.ts";

/** What a successful answer looks like. */
export function successOf({ data, query, summary }: Endpoint, definitions: Definitions): object {
  if ("media" in data) return { description: summary, content: { [data.media]: {} } };
  const paged = query && Object.hasOwn(schemaOf(query, definitions).properties ?? {}, "cursor");
  const properties = {
    status: { const: "success" },
    data: schemaOf(data, definitions),
    ...(paged && { next: { type: "string", description: "Where the next page begins; missing on the last one" } }),
  };
  return {
    description: summary,
    content: { "application/json": { schema: { type: "object", properties, required: ["status", "data"] } } },
  };
}

/** What goes wrong, by HTTP status, as references to `responses`: most operations fail in the same ways. */
export function failuresOf(each: Endpoint, responses: Record<string, object>): Record<string, object> {
  const byStatus = new Map<number, ErrorCode[]>();
  for (const code of new Set(codesOf(each))) {
    const { http } = errorTable[code];
    byStatus.set(http, [...(byStatus.get(http) ?? []), code]);
  }
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [status, referenceTo(failure(codes), `Error${status}`, responses)]),
  );
}

function referenceTo(response: object, kind: string, responses: Record<string, object>): object {
  const same = Object.keys(responses).filter((name) => name.split("_")[0] === kind);
  const present = same.find((name) => isDeepStrictEqual(responses[name], response));
  const name = present ?? (same.length === 0 ? kind : `${kind}_${same.length + 1}`);
  responses[name] = response;
  return { $ref: `#/components/responses/${name}` };
}

const UNAVAILABLE: readonly ErrorCode[] = [
  "store.unavailable",
  "policy.unavailable",
  "audit.unavailable",
  "jobs.unavailable",
];
const OF_BODY: readonly ErrorCode[] = ["message.unparsable", "message.too_large", "http.media_type"];
const OF_CHANGE: readonly ErrorCode[] = ["request.unauthorized", "request.forbidden"];

function codesOf({ method, path, access, errors = [] }: Endpoint): ErrorCode[] {
  return [
    "request.invalid",
    ...(path.includes(":") ? (["record.unknown", "http.path"] as const) : []),
    ...(method === "GET" ? [] : OF_BODY),
    ...(access === "change" ? OF_CHANGE : []),
    "internal",
    ...UNAVAILABLE,
    ...errors,
  ];
}

function failure(codes: readonly ErrorCode[]): object {
  const schema: JsonSchema = {
    type: "object",
    properties: { status: { const: "error" }, error: { type: "string" }, code: { enum: codes } },
    required: ["status", "error", "code"],
  };
  return {
    description: codes.map((code) => `\`${code}\`: ${errorTable[code].meaning}`).join("; "),
    content: { "application/json": { schema } },
  };
}
