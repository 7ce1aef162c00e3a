import { createHash } from "node:crypto";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { Document, RecordStore, Write } from "../record-store.ts";
import type { Segment, Source } from "./artifact.ts";

/** Fits into a document of MongoDB whatever the characters are. */
const PART_CHARS = 4_000_000;
const REMOVED_AT_ONCE = 1_000;

interface ContentOptions {
  store: RecordStore;
  /** The artifact that it belongs to. */
  artifact: { _id: string; timestamp: Date };
  /** Its own name. */
  content: string;
  /** Stands for this attempt to write it. */
  run: string;
}

/** Some text, and where whoever writes the content stands after it: a JSON value. */
export interface Page<State> {
  text: string;
  state: State;
}

/** Text that grows by pages. What is kept of a page is what came first, whoever else writes the same content. */
export interface Content<State> {
  /** Keeps a page, with these writes beside it, and answers where to go on: after what is kept. */
  keep(page: number, written: Page<State>, beside: readonly Write[]): Promise<State>;
  /** What is kept of a page. */
  find(page: number): Promise<State | undefined>;
}

export function contentOf<State>({ store, artifact, content, run }: ContentOptions): Content<State> {
  // A page that exists stays as it is.
  const insert = (id: string, members: Document): Write => ({
    collection: "artifact_chunks",
    id,
    set: {},
    setOnInsert: { ...members, artifact: artifact._id, timestamp: artifact.timestamp, document_type: "artifact_chunk" },
  });
  const find = async (page: number): Promise<State | undefined> => {
    const match = { $match: { _id: `${content}.${page}` } };
    const [kept] = await store.aggregate("artifact_chunks", [match, { $project: { state: 1 } }]);
    return kept && (JSON.parse(String(kept.state)) as State);
  };

  return {
    find,
    async keep(page, { text, state }, beside) {
      const [first = "", ...rest] = split(text);
      for (const [index, part] of rest.entries()) {
        await store.apply([insert(partId(content, { page, run, part: index + 1 }), { text: part })]);
      }
      // Last, so that a page that is there is whole.
      const whole = { text: first, run, parts: rest.length + 1, state: JSON.stringify(state) };
      await store.apply([insert(`${content}.${page}`, whole), ...beside]);
      const kept = await find(page);
      if (kept === undefined) throw new Error(`page ${page} of ${content} is gone`);
      return kept;
    },
  };
}

/** The text of all segments in pieces of a few megabytes at most. Rejects with `record.unknown` where some of it is gone. */
export async function* readContent(
  store: Source,
  segments: readonly Segment[],
): AsyncGenerator<string, void, undefined> {
  for (const { content, pages } of segments) {
    for (let page = 0; page < pages; page += 1) {
      const first = await chunk(store, `${content}.${page}`);
      yield String(first.text);
      for (let part = 1; part < Number(first.parts); part += 1) {
        const more = await chunk(store, partId(content, { page, run: String(first.run), part }));
        yield String(more.text);
      }
    }
  }
}

/** Bytes and SHA-256 of all of it. */
export async function measure(store: Source, segments: readonly Segment[]): Promise<{ size: number; digest: string }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const text of readContent(store, segments)) {
    hash.update(text, "utf8");
    size += Buffer.byteLength(text);
  }
  return { size, digest: hash.digest("hex") };
}

/** Removes every page of an artifact. */
export async function removeContent(store: RecordStore, artifact: string): Promise<void> {
  for (;;) {
    const chunks = await store.aggregate("artifact_chunks", [
      { $match: { artifact } },
      { $limit: REMOVED_AT_ONCE },
      { $project: { _id: 1 } },
    ]);
    if (chunks.length === 0) return;
    await store.remove(
      "artifact_chunks",
      chunks.map(({ _id }) => String(_id)),
    );
  }
}

function partId(content: string, { page, run, part }: { page: number; run: string; part: number }): string {
  return `${content}.${page}.${run}.${part}`;
}

async function chunk(store: Source, id: string): Promise<Document> {
  const [found] = await store.aggregate("artifact_chunks", [{ $match: { _id: id } }]);
  if (!found) throw new GovernanceError("record.unknown", "the content is gone");
  return found;
}

const HIGH_SURROGATE = /[\ud800-\udbff]/;

/** Never cuts between the halves of a character. */
function split(text: string): string[] {
  if (text.length <= PART_CHARS) return [text];
  const parts: string[] = [];
  let at = 0;
  while (at < text.length) {
    const end = at + PART_CHARS;
    const isCut = end < text.length && HIGH_SURROGATE.test(text.charAt(end - 1));
    parts.push(text.slice(at, isCut ? end - 1 : end));
    at = isCut ? end - 1 : end;
  }
  return parts;
}
