import { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import type { Revision } from "../src/revision-store.ts";
import { fromFile } from "../src/revisions/policy-state.ts";

/** What a file says, in its own words: of servers as given, `weather` with defaults where none are, and of the bridge. */
export function fileDocument({ servers = { weather: {} }, global = {}, packs = [] }: Given = {}): PolicyDocument {
  const entries = Object.entries(servers).map(([name, settings]) => [name, { disabled: false, ...settings }]);
  const document = PolicyDocument.parse({ global, servers: Object.fromEntries(entries), packs });
  return JSON.parse(JSON.stringify(document)) as PolicyDocument;
}

interface Given {
  servers?: Record<string, Record<string, unknown>>;
  global?: Record<string, unknown>;
  packs?: unknown[];
}

/** A revision as a file brings it about; a test names only what matters to it. */
export function aRevision(number: number, overrides: Partial<Revision> = {}): Revision {
  const document = overrides.document ?? fileDocument();
  return {
    number,
    hash: number.toString(16).padStart(12, "0"),
    at: "2026-01-15T12:00:00.000Z",
    origin: "file",
    who: "config.json",
    why: "",
    ...fromFile(document, undefined),
    ...overrides,
  };
}
