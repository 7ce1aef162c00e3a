import { renderDocument } from "../api/render.ts";
import type { Document } from "../record-store.ts";
import type { ExportFormat } from "./artifact.ts";
import { csvHead, csvLine } from "./csv.ts";

/** What an export says of itself. */
export interface ExportHeader extends Document {
  document_type: "export";
}

/** How an export is written: pieces of text whose order is head, records, chain. */
export interface Format {
  media: string;
  head(header: ExportHeader): string;
  /** Of the record, with how many came before. */
  record(document: Document, before: number): string;
  /** Between the records and the chain. */
  middle: string;
  /** A link of the chain, with how many came before. */
  block(document: Document, before: number): string;
  /** All checkpoints, and the end of the file. */
  tail(checkpoints: readonly Document[]): string;
}

const block = (document: Document): string => rendered({ document_type: "audit_block", ...document });
const checkpoint = (document: Document): string => rendered({ document_type: "audit_checkpoint", ...document });

const json: Format = {
  media: "application/json",
  head: (header) => `{"export":${JSON.stringify(header)},"records":[`,
  record: (document, before) => separated(rendered(document), before),
  middle: `\n],"chain":{"blocks":[`,
  block: (document, before) => separated(block(document), before),
  tail: (checkpoints) => {
    const texts = checkpoints.map((document, before) => separated(checkpoint(document), before));
    return `\n],"checkpoints":[${texts.join("")}\n]}}\n`;
  },
};

const ndjson: Format = {
  media: "application/x-ndjson",
  head: (header) => `${JSON.stringify(header)}\n`,
  record: (document) => `${rendered(document)}\n`,
  middle: "",
  block: (document) => `${block(document)}\n`,
  tail: (checkpoints) => checkpoints.map((document) => `${checkpoint(document)}\n`).join(""),
};

const csv: Format = {
  media: "text/csv; charset=utf-8",
  head: (header) => csvHead + csvLine(header, JSON.stringify(header)),
  record: (document) => csvLine(document, rendered(document)),
  middle: "",
  block: (document) => csvLine({ document_type: "audit_block" }, block(document)),
  tail: (checkpoints) =>
    checkpoints.map((document) => csvLine({ document_type: "audit_checkpoint" }, checkpoint(document))).join(""),
};

export const formats: Readonly<Record<ExportFormat, Format>> = { json, ndjson, csv };

/** As the API renders it, with what the record knows it by. */
function rendered(document: Document): string {
  const text = renderDocument(document);
  if (document._id === undefined) return text;
  return `{"_id":${JSON.stringify(document._id)}${text === "{}" ? "" : ","}${text.slice(1)}`;
}

function separated(text: string, before: number): string {
  return before === 0 ? `\n${text}` : `,\n${text}`;
}
