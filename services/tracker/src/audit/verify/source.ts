import type { Collection, Document } from "../../record-store.ts";
import type { Told } from "../fact-digest.ts";

/** A document of the record as it is found. */
export interface Held {
  id: string;
  /** Its members; times may be dates or ISO text. */
  document: Document;
  told: Told;
  /** JSON text of an input or output; `null` where there is none. */
  payload(name: string): string;
}

/** What an export says of itself, as far as its proof depends on it. */
export interface ExportScope {
  from: number;
  to: number;
  collections: readonly Collection[];
  createdAt: number;
  /** Some documents of the range were left out on purpose. */
  isFiltered: boolean;
}

/** Where evidence and records are read from. Everything may be read several times. */
export interface EvidenceSource {
  /** Still being written to: what does not fit together may only be on its way. */
  isLive: boolean;
  /** Without it all of the record is there. */
  scope?: ExportScope;
  /** In no order. */
  checkpoints(): AsyncIterable<Document>;
  /** Those of one chain in the order of their times and ids; from a time on, where one is given. */
  blocks(from?: Date): AsyncIterable<Document>;
  documents(collection: Collection): AsyncIterable<Held>;
  /** Those that are there. */
  find(collection: Collection, ids: readonly string[]): AsyncIterable<Held>;
}
