import type { EventOf } from "@mcp-governance-bridge/shared";
import { canonicalJson } from "@mcp-governance-bridge/shared";
import { revisionOf } from "@mcp-governance-bridge/shared/configuration";
import { nameOf, type Revision } from "../revision-store.ts";
import { type Change, changesBetween } from "./diff.ts";

const MAX_CHANGES_CHARACTERS = 512 * 1_024;
const SHORT = 1_000;

/** The event that a revision took effect. It is the same whoever tells it, and how often. */
export function policyChanged(before: Revision | undefined, revision: Revision): EventOf<"governance.policy.changed"> {
  const { number, at, origin, who, why, document, candidate } = revision;
  const name = nameOf(revision);
  return {
    id: `policy-${name}`,
    at,
    number,
    revision: name,
    origin,
    who,
    why,
    changes: before ? bounded(changesBetween(before, revision)) : [],
    document: canonicalJson(document),
    candidate: candidate && canonicalJson(candidate),
  };
}

/** NATS takes no message of any size: beyond the bound, long texts are told by size and hash. */
function bounded(changes: Change[]): Change[] {
  const size = changes.reduce((sum, { before, after }) => sum + (before?.length ?? 0) + (after?.length ?? 0), 0);
  if (size <= MAX_CHANGES_CHARACTERS) return changes;
  return changes.map(({ path, before, after }) => ({ path, before: shortened(before), after: shortened(after) }));
}

function shortened(text: string | null): string | null {
  if (text === null || text.length <= SHORT) return text;
  return JSON.stringify({ characters: text.length, hash: revisionOf(text) });
}
