import { toJsonText } from "../payload.ts";
import type { Document } from "../record-store.ts";

/** Members that hold what `encodePayload` or `encodeJson` made. */
const PAYLOADS = new Set(["inputs", "outputs", "parameters", "definition", "annotations", "changes", "query"]);

/** JSON text of the documents, each as `renderDocument` has it. */
export function renderDocuments(documents: readonly Document[]): string {
  return `[${documents.map(renderDocument).join(",")}]`;
}

/** JSON text of a document, with dates as ISO text and payloads as the JSON text they came as. */
export function renderDocument(document: Document): string {
  const members: string[] = [];
  for (const [name, value] of Object.entries(document)) {
    if (name === "_id" || value === undefined) continue;
    members.push(`${JSON.stringify(name)}:${PAYLOADS.has(name) ? toJsonText(value) : JSON.stringify(value)}`);
  }
  return `{${members.join(",")}}`;
}
