import { randomUUID } from "node:crypto";
import type { Document, RecordStore, Write } from "../record-store.ts";
import { type Artifact, type ArtifactFile, type ExportFormat, isWanted, type Segment } from "./artifact.ts";
import { type Content, contentOf, measure } from "./content.ts";
import { type ExportHeader, type Format, formats } from "./export-format.ts";
import { BEGINNING, fractionOf, nextPage, type Position } from "./export-pages.ts";

/** Blocks and checkpoints that prove a range of the record: documents of `audit_blocks` and `audit_checkpoints`. */
export type ChainOf = (
  store: Pick<RecordStore, "aggregate">,
  range: { from: Date; to: Date; collections: Artifact["collections"] },
) => AsyncIterable<{ block: Document } | { checkpoint: Document }>;

export interface ExportContext {
  store: RecordStore;
  chainOf: ChainOf;
  /** Those that check the signatures of checkpoints, as the header of an export gives them. */
  publicKeys(): Promise<unknown[]>;
}

/** The share of the work that is left when all records are written. */
const CHAIN_SHARE = 0.1;
const CHAIN_PAGE_CHARS = 1_000_000;

/** What a job has made. */
export interface Made {
  files: ArtifactFile[];
  records: number;
}

/** Writes an export from where it was left, and answers what was made; nothing when it is wanted no more. */
export async function makeExport(
  context: ExportContext,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<Made | undefined> {
  const { store } = context;
  const format = formats[artifact.format as ExportFormat];
  const run = randomUUID().slice(0, 8);
  const records = await writeRecords(context, { artifact, format, run, signal });
  if (!records) return undefined;
  const chain = await writeChain(context, { artifact, format, run, signal });
  if (!chain) return undefined;
  const segments = [records.segment, chain];
  const file: ArtifactFile = {
    view: "download",
    name: fileName(artifact),
    media_type: format.media,
    segments,
    ...(await measure(store, segments)),
  };
  return { files: [file], records: records.count };
}

interface Work {
  artifact: Artifact;
  format: Format;
  run: string;
  signal: AbortSignal;
}

async function writeRecords(
  context: ExportContext,
  { artifact, format, run, signal }: Work,
): Promise<{ segment: Segment; count: number } | undefined> {
  const { store } = context;
  const { _id: id } = artifact;
  const content = contentOf<Position>({ store, artifact, content: id, run });
  let { page, position } = await resume(content, artifact.pages);
  for (;;) {
    signal.throwIfAborted();
    if (!(await isWanted(store, id))) return undefined;
    const next = await nextPage(store, artifact, position);
    // The first page is there even when there is nothing to export: it has the head.
    if (!next && page > 0) return { segment: { content: id, pages: page }, count: position.records };
    const { documents, position: after } = next ?? { documents: [], position };
    const head = page === 0 ? format.head(await headerOf(context, artifact)) : "";
    const before = position.records;
    const text = documents.map((document, index) => format.record(document, before + index)).join("");
    const beside = progressOf(artifact, { page: page + 1, position: after });
    position = await content.keep(page, { text: head + text, state: after }, [beside]);
    page += 1;
    await new Promise(setImmediate);
  }
}

/** The page after the last one that is kept. What the artifact says of it may be behind or ahead by a crash. */
async function resume(content: Content<Position>, said: number): Promise<{ page: number; position: Position }> {
  let page = said;
  while (page > 0 && (await content.find(page - 1)) === undefined) page -= 1;
  let position = page === 0 ? BEGINNING : ((await content.find(page - 1)) ?? BEGINNING);
  for (let kept = await content.find(page); kept !== undefined; kept = await content.find(page)) {
    position = kept;
    page += 1;
  }
  return { page, position };
}

function progressOf(artifact: Artifact, { page, position }: { page: number; position: Position }): Write {
  const fraction = fractionOf(artifact, position) * (1 - CHAIN_SHARE);
  return {
    collection: "artifacts",
    id: artifact._id,
    set: { pages: page, progress: { records: position.records, fraction } },
    onlyIf: { status: "running" },
  };
}

/** What proves the records goes into a content of this run alone: it grows while it is read. */
async function writeChain(
  { store, chainOf }: ExportContext,
  { artifact, format, run, signal }: Work,
): Promise<Segment | undefined> {
  const { _id: id, range, collections } = artifact;
  const name = `${id}.chain.${run}`;
  const content = contentOf<null>({ store, artifact, content: name, run });
  const checkpoints: Document[] = [];
  let text = format.middle;
  let page = 0;
  let blocks = 0;
  const flush = async (): Promise<void> => {
    await content.keep(page, { text, state: null }, []);
    page += 1;
    text = "";
  };
  for await (const link of chainOf(store, { ...range, collections })) {
    signal.throwIfAborted();
    if ("checkpoint" in link) {
      checkpoints.push(link.checkpoint);
      continue;
    }
    text += format.block(link.block, blocks);
    blocks += 1;
    if (text.length < CHAIN_PAGE_CHARS) continue;
    if (!(await isWanted(store, id))) return undefined;
    await flush();
  }
  text += format.tail(checkpoints);
  await flush();
  return { content: name, pages: page };
}

async function headerOf({ publicKeys }: ExportContext, artifact: Artifact): Promise<ExportHeader> {
  const { range, collections, filters, timestamp, _id: id } = artifact;
  return {
    document_type: "export",
    id,
    from: range.from,
    to: range.to,
    collections,
    filter: Object.keys(filters).length > 0 ? filters : null,
    created_at: timestamp,
    public_keys: await publicKeys(),
  };
}

function fileName({ range, format }: Artifact): string {
  const [from, to] = [range.from, range.to].map((date) => date.toISOString().replace(/[-:]|\.\d+/g, ""));
  return `governance-export-${from}-${to}.${format}`;
}
