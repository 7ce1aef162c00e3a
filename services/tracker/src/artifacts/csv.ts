import { stringify } from "csv-stringify/sync";
import type { Document } from "../record-store.ts";

/** Columns that a person reads, and where they come from: a path into the document, or several of which the first that is there counts. */
const COLUMNS: Readonly<Record<string, readonly string[]>> = {
  timestamp: ["timestamp"],
  server_name: ["server_name"],
  tool_name: ["tool_name"],
  method: ["method"],
  principal: ["principal", "reader", "who"],
  client_name: ["client.name"],
  client_version: ["client.version"],
  session_id: ["session_id"],
  call_id: ["call_id"],
  decision_id: ["decision_id"],
  status: ["status", "decision", "origin"],
  code: ["denial.code", "policy_violation"],
  rule: ["denial.rule", "rule"],
  reason: ["denial.reason", "reason", "why"],
  revision: ["revision"],
  duration_ms: ["duration_ms"],
  gateway_ms: ["gateway_ms"],
  policy_ms: ["policy_ms"],
  upstream_ms: ["upstream_ms"],
  input_size: ["input_size"],
  output_size: ["output_size"],
  transport: ["outcome.transport"],
  error_message: ["error_message"],
};

const NAMES = ["document_type", ...Object.keys(COLUMNS), "record"];

const options = { escape_formulas: true, record_delimiter: "\r\n" } as const;

/** The line of names. */
export const csvHead = stringify([NAMES], options);

/** One line: what a person reads of the document, and last the whole of it as JSON text. No cell is a formula. */
export function csvLine(document: Document, record: string): string {
  const cells = Object.values(COLUMNS).map((paths) => cellOf(document, paths));
  return stringify([[cellOf(document, ["document_type"]), ...cells, record]], options);
}

const LONE_SURROGATES = /\p{Surrogate}/gu;

function cellOf(document: Document, paths: readonly string[]): string | number {
  for (const path of paths) {
    const value = valueAt(document, path);
    if (value instanceof Date) return value.toISOString();
    if (typeof value === "number") return value;
    if (typeof value === "boolean") return String(value);
    if (typeof value === "string") return value.replace(LONE_SURROGATES, "\ufffd");
  }
  return "";
}

function valueAt(document: Document, path: string): unknown {
  let value: unknown = document;
  for (const name of path.split(".")) {
    value = typeof value === "object" && value !== null ? (value as Document)[name] : undefined;
  }
  return value;
}
