import { hash } from "node:crypto";
import { toJsonText } from "../payload.ts";
import type { Collection, Document } from "../record-store.ts";
import { canonicalText, quote } from "./canonical-text.ts";

/** Have digests of their own beside them, so that they can expire earlier than the rest. */
export const PAYLOADS = { inputs: "inputs_digest", outputs: "outputs_digest" } as const;

/** JSON from outside: told is the text it came as, which an export has too. */
const JSON_TEXTS = new Set(["annotations"]);

/** Who is told of, and by which fact. */
export interface FactName {
  collection: Collection;
  id: string;
  part: string;
}

/** Members that are told, each as canonical text `"name":value`, in order. */
export type Told = Map<string, string>;

export function toldOf(set: Document): Told {
  const told: Told = new Map();
  for (const name of Object.keys(set).sort()) {
    const value = set[name];
    if (value === undefined || Object.hasOwn(PAYLOADS, name)) continue;
    told.set(name, `${quote(name)}:${JSON_TEXTS.has(name) ? jsonText(value) : canonicalText(value)}`);
  }
  return told;
}

/** The same of a document that is JSON text, by its members' texts. */
export function toldOfTexts(texts: ReadonlyMap<string, string>): Told {
  const told: Told = new Map();
  for (const name of [...texts.keys()].sort()) {
    const text = texts.get(name);
    if (text === undefined || Object.hasOwn(PAYLOADS, name)) continue;
    const isText = JSON_TEXTS.has(name) && text !== "null";
    told.set(name, `${quote(name)}:${isText ? quote(text) : canonicalText(JSON.parse(text))}`);
  }
  return told;
}

function jsonText(value: unknown): string {
  return value === null ? "null" : quote(toJsonText(value));
}

/** SHA-256, 64 hex digits, of what a fact tells: of all members, or of those `among` them. */
export function factDigest({ collection, id, part }: FactName, told: Told, among?: ReadonlySet<string>): string {
  let members = "";
  for (const [name, text] of told) {
    if (!among || among.has(name)) members += `${members && ","}${text}`;
  }
  return hash("sha256", `[${quote(collection)},${quote(id)},${quote(part)},{${members}}]`);
}
