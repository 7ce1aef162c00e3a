import type { EventOf } from "@mcp-governance-bridge/shared";
import { encodeJson, encodePayload } from "../payload.ts";
import type { Document, Write } from "../record-store.ts";

type PolicyChanged = EventOf<"governance.policy.changed">;

/** Of the fields that the seed keeps of a server's settings, those that decide on calls: the policy's to tell. */
export const DECIDING_SETTINGS = ["rate_limit", "high_security", "allowed_hours", "security_level"];

/** These members, null where there is none. */
export function picked(settings: Document, names: readonly string[]): Document {
  return Object.fromEntries(names.map((name) => [name, settings[name] ?? null]));
}

/** The document and the candidate have seven MiB each; this much more fits beside them. */
const MAX_CHANGES_CHARS = 262_144;

/** The revision, and what it puts in force for each server. */
export function writesOfPolicy(event: PolicyChanged, now: Date): Write[] {
  const at = new Date(event.at);
  return [revision(event, at, now), ...serversOf(event).map((server) => inForce(server, { event, at, now }))];
}

function revision(event: PolicyChanged, at: Date, now: Date): Write {
  const changes = JSON.stringify(event.changes);
  return {
    collection: "policy_revisions",
    id: event.revision,
    set: {
      number: event.number,
      revision: event.revision,
      origin: event.origin,
      who: event.who,
      why: event.why,
      changes: encodePayload({
        text: changes.slice(0, MAX_CHANGES_CHARS),
        size: changes.length,
        truncated: changes.length > MAX_CHANGES_CHARS,
      }),
      document: encodeJson(event.document),
      candidate: event.candidate === null ? null : encodeJson(event.candidate),
      timestamp: at,
      document_type: "policy_revision",
    },
    setOnInsert: { stored_at: now },
    since: { field: "timestamp", at },
    fact: { part: "changed", at },
  };
}

interface ServerPolicy {
  name: string;
  settings: Document;
}

/** Empty where the text is no policy: the revision is kept all the same. */
function serversOf({ document }: PolicyChanged): ServerPolicy[] {
  const servers = memberOf(parse(document), "servers");
  if (!isObject(servers)) return [];
  return Object.entries(servers).flatMap(([name, settings]) => (isObject(settings) ? [{ name, settings }] : []));
}

function inForce(
  { name, settings }: ServerPolicy,
  { event, at, now }: { event: PolicyChanged; at: Date; now: Date },
): Write {
  return {
    collection: "governance_configs",
    id: name,
    set: { ...picked(settings, DECIDING_SETTINGS), policy_revision: event.revision, policy_at: at },
    setOnInsert: { server_name: name, document_type: "governance_config", stored_at: now },
    since: { field: "policy_at", at },
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, name: string): unknown {
  return isObject(value) ? value[name] : undefined;
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
