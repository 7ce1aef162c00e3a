import type { Db, IndexDescription } from "mongodb";
import type { Collection } from "../record-store.ts";

const newestFirst: IndexDescription = { key: { timestamp: -1, _id: -1 } };

/** The seed's indexes, and those that the governance API's questions need. */
const indexes: Readonly<Record<Collection, readonly IndexDescription[]>> = {
  tool_logs: [
    newestFirst,
    { key: { session_id: 1 } },
    { key: { server_name: 1 } },
    { key: { tool_name: 1 } },
    { key: { event_type: 1 } },
    { key: { status: 1 } },
    { key: { server_name: 1, tool_name: 1, timestamp: -1 } },
  ],
  governance_logs: [
    newestFirst,
    { key: { server_name: 1 } },
    { key: { decision: 1 } },
    { key: { server_name: 1, tool_name: 1, timestamp: -1 } },
    { key: { principal: 1, timestamp: -1 } },
    { key: { rule: 1, timestamp: -1 } },
    // Few decisions have a rule on trial against them.
    { key: { shadow_denied: 1, timestamp: -1 }, partialFilterExpression: { shadow_denied: true } },
  ],
  servers: [{ key: { server_name: 1 }, unique: true }, { key: { is_active: 1 } }],
  server_tools: [
    { key: { server_name: 1 } },
    { key: { tool_name: 1 } },
    { key: { server_name: 1, tool_name: 1 }, unique: true },
  ],
  governance_configs: [],
  policy_revisions: [newestFirst],
  deployments: [],
  sessions: [newestFirst],
  rosters: [],
  dead_letters: [newestFirst],
};

/** Makes what is missing of the collections and their indexes. Safe to call again, and from several trackers at once. */
export async function prepareCollections(db: Db): Promise<void> {
  const present = new Set((await db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name));
  for (const [name, wanted] of Object.entries(indexes)) {
    if (!present.has(name)) await db.createCollection(name).catch(ignoreExisting);
    if (wanted.length > 0) await db.collection(name).createIndexes([...wanted]);
  }
}

const NAMESPACE_EXISTS = 48;

function ignoreExisting(error: unknown): void {
  if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
}
