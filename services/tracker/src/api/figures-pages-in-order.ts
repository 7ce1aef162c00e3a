import { canonicalJson, digestOf, GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import type { Document } from "../record-store.ts";

/** The last document of the page before. */
interface Position {
  /** Of documents without a time, the epoch. */
  time: Date;
  id: string;
}

interface After {
  /** Undefined at the beginning. */
  position: Position | undefined;
  /** What pages belong to. */
  question: string;
}

const MAX_DATE_MS = 8.64e15;
const Cursor = z.tuple([z.int().min(0).max(MAX_DATE_MS), z.string(), z.string()]);

/** Throws `request.invalid` for what is no cursor of ours, or one of another question. */
export function positionAfter(cursor: string | undefined, filters: object): After {
  const question = digestOf(canonicalJson(JSON.parse(JSON.stringify(filters)))).slice(0, 16);
  if (cursor === undefined) return { position: undefined, question };
  const [time, id, asked] = parsed(cursor);
  if (asked !== question) throw new GovernanceError("request.invalid", "cursor: belongs to another question");
  return { position: { time: new Date(time), id }, question };
}

function parsed(cursor: string): z.infer<typeof Cursor> {
  try {
    return Cursor.parse(JSON.parse(Buffer.from(cursor, "base64url").toString()));
  } catch (cause) {
    throw new GovernanceError("request.invalid", "cursor: is none that this API gave", { cause });
  }
}

interface InOrderOptions {
  limit: number;
  after: After;
  /** At most so many documents after the position, in order. */
  read(after: Position | undefined, size: number): Promise<Document[]>;
  render(document: Document): string;
}

/** Documents may have many megabytes each: no more of them are in memory at once. */
const BATCH = 32;
const MAX_PAGE_CHARS = 16_777_216;

/** A page in ascending order, as JSON text. One that grows past 16 MiB ends there, and `next` says how it goes on. */
export async function renderInOrder({
  limit,
  after,
  read,
  render,
}: InOrderOptions): Promise<{ json: string; next: string | undefined }> {
  const texts: string[] = [];
  const isFull = (): boolean => texts.length >= limit || charsOf(texts) >= MAX_PAGE_CHARS;
  let position = after.position;
  let more = true;
  while (more && !isFull()) {
    const size = Math.min(BATCH, limit - texts.length);
    const documents = await read(position, size);
    texts.push(...documents.map(render));
    const last = documents.at(-1);
    if (last) position = positionOf(last);
    more = documents.length === size;
  }
  return { json: `[${texts.join(",")}]`, next: more && position ? cursorOf(position, after.question) : undefined };
}

function charsOf(texts: readonly string[]): number {
  return texts.reduce((sum, text) => sum + text.length, 0);
}

function positionOf({ timestamp, _id }: Document): Position {
  return { time: timestamp instanceof Date ? timestamp : new Date(0), id: String(_id) };
}

function cursorOf({ time, id }: Position, question: string): string {
  return Buffer.from(JSON.stringify([time.getTime(), id, question])).toString("base64url");
}
