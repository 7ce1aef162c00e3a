import { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { z } from "zod";
import type { Revision } from "../revision-store.ts";
import { isObject } from "./is-object.ts";

const Kept = z.custom<PolicyDocument>(isObject);

/** A revision as it is kept. Other versions of the program may have settings of their own: what is in the documents is another question. */
const Envelope = z.object({
  number: z.int().positive(),
  hash: z.string(),
  at: z.iso.datetime(),
  origin: z.enum(["file", "edit", "reset", "rollback", "candidate"]),
  who: z.string(),
  why: z.string(),
  document: Kept,
  scopes: z.record(z.string(), z.object({ origin: z.enum(["file", "edit"]), fileHash: z.string() })),
  candidate: Kept.nullable(),
});

/** The revision in a text that some version of the program has kept; its documents are not checked. Throws for any other text. */
export function parseRevision(text: string): Revision {
  return Envelope.parse(JSON.parse(text));
}

/** The revision with its documents checked and completed with the defaults of this version. Throws where this version cannot read them. */
export function readable(revision: Revision): Revision {
  const document = PolicyDocument.parse(revision.document);
  const candidate = revision.candidate && PolicyDocument.parse(revision.candidate);
  return { ...revision, document, candidate };
}
