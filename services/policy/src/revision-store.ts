import type { Closable } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";

/** Where the settings of one scope in force come from. */
export interface ScopeOrigin {
  origin: "file" | "edit";
  /** Hash of what the file says for the scope; an edit holds for as long as the file says the same. */
  fileHash: string;
}

/** One state of the policy. Never changed once appended. */
export interface Revision {
  /** 1, 2, 3, … */
  number: number;
  /** First 12 hex digits of the SHA-256 over the canonical document. */
  hash: string;
  at: string;
  origin: "file" | "edit" | "reset" | "rollback" | "candidate";
  who: string;
  why: string;
  document: PolicyDocument;
  /** By scope: `global`, and `servers/<name>`. */
  scopes: Readonly<Record<string, ScopeOrigin>>;
  /** A document on trial beside it. */
  candidate: PolicyDocument | null;
}

/**
 * The history of the policy, the same for every replica, oldest entries forgotten.
 * Rejects with `policy.unavailable` while it cannot be reached. What is in the documents is not checked.
 */
export interface RevisionStore extends Closable {
  /** The newest revision. */
  latest(): Promise<Revision | undefined>;
  get(number: number): Promise<Revision | undefined>;
  /** The newest first. */
  list(limit: number): Promise<readonly Revision[]>;
  /**
   * Appends unless a revision with its number or a higher one is there: false where another was faster.
   * Rejects with `policy.invalid` where it is larger than the store takes.
   */
  append(revision: Revision): Promise<boolean>;
  /** Tells the newest revision where its number is higher than `after`, and each time there is a newer one: within a second, also after the store was away. */
  watch(after: number, onRevision: (revision: Revision) => void): Closable;
}

/** How decisions name a revision: `r12-3fa9c0b1d2e3`. */
export function nameOf({ number, hash }: Pick<Revision, "number" | "hash">): string {
  return `r${number}-${hash}`;
}
