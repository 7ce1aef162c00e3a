import type { Collection, Document } from "../../record-store.ts";
import { toldOfTexts } from "../fact-digest.ts";
import { exportEntries } from "./export-entries.ts";
import { rawMembers } from "./raw-members.ts";
import type { EvidenceSource, ExportScope, Held } from "./source.ts";

const COLLECTIONS: Readonly<Record<string, Collection>> = {
  tool_log: "tool_logs",
  governance_log: "governance_logs",
  policy_revision: "policy_revisions",
  session: "sessions",
  record_read: "record_reads",
  dead_letter: "dead_letters",
  retention_run: "retention_runs",
};
const BLOCK = "audit_block";
const CHECKPOINT = "audit_checkpoint";
/** Documents of a type that there is not are looked at as if they were these. */
const OF_NO_TYPE: Collection = "tool_logs";

export interface OpenedExport {
  source: EvidenceSource;
  /** Keys that the export says its checkpoints were signed with; DER in base64. */
  publicKeys: string[];
}

/** An export that the bridge wrote, in any of its formats. Rejects for a file that is none. */
export async function openExport(file: string): Promise<OpenedExport> {
  const header = await headerOf(file);
  const types = await typesIn(file);
  const documents = async function* (collection: Collection): AsyncGenerator<Held, void, undefined> {
    const wanted = types.filter((type) => (COLLECTIONS[type] ?? OF_NO_TYPE) === collection);
    if (wanted.length > 0) for await (const text of entriesOf(file, wanted)) yield heldOf(text);
  };
  const source: EvidenceSource = {
    isLive: false,
    scope: scopeOf(header),
    checkpoints: () => parsed(file, CHECKPOINT),
    blocks: () => parsed(file, BLOCK),
    documents,
    async *find(collection, ids) {
      const wanted = new Set(ids);
      for await (const document of documents(collection)) if (wanted.has(document.id)) yield document;
    },
  };
  const keys = (header.public_keys as { public_key: string }[] | undefined) ?? [];
  return { source, publicKeys: keys.map((key) => key.public_key) };
}

/** Of all but blocks and checkpoints. */
async function typesIn(file: string): Promise<string[]> {
  const types = new Set<string>();
  for await (const text of bodyOf(file)) types.add(typeOf(text));
  return [...types].filter((type) => type !== BLOCK && type !== CHECKPOINT);
}

async function headerOf(file: string): Promise<Document> {
  for await (const text of exportEntries(file)) {
    const header = objectOf(text);
    if (header?.document_type === "export") return header;
    break;
  }
  throw new Error(`${file}: is no export of the bridge, whole and as it was written`);
}

function scopeOf({ from, to, collections, filter, created_at: created }: Document): ExportScope {
  const createdAt = Date.parse(String(created));
  return {
    from: Date.parse(String(from)),
    // What came about after it was made cannot be in it.
    to: Math.min(Date.parse(String(to)), createdAt),
    collections: collections as Collection[],
    createdAt,
    isFiltered: filter !== null,
  };
}

/** All but the header. */
async function* bodyOf(file: string): AsyncGenerator<string, void, undefined> {
  let isHeader = true;
  for await (const text of exportEntries(file)) {
    if (!isHeader) yield text;
    isHeader = false;
  }
}

async function* entriesOf(file: string, types: readonly string[]): AsyncGenerator<string, void, undefined> {
  // What has not even the text of a type need not be taken apart.
  const isLikely = (text: string): boolean => types.some((type) => type === "" || text.includes(`"${type}"`));
  for await (const text of bodyOf(file)) if (isLikely(text) && types.includes(typeOf(text))) yield text;
}

const TYPE = /^"(\w+)"$/;

/** Empty where there is none, also for what is no JSON object. */
function typeOf(text: string): string {
  try {
    return TYPE.exec(rawMembers(text).get("document_type") ?? "")?.[1] ?? "";
  } catch {
    return "";
  }
}

async function* parsed(file: string, type: string): AsyncGenerator<Document, void, undefined> {
  for await (const text of entriesOf(file, [type])) {
    const { document_type: _, ...document } = objectOf(text) ?? {};
    yield document;
  }
}

function objectOf(text: string): Document | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Document) : undefined;
  } catch {
    return undefined;
  }
}

function heldOf(text: string): Held {
  const { _id: id, ...document } = objectOf(text) ?? { _id: text.slice(0, 200) };
  const texts = rawMembers(objectOf(text) ? text : "{}");
  texts.delete("_id");
  return { id: String(id), document, told: toldOfTexts(texts), payload: (name) => texts.get(name) ?? "null" };
}
