import type { Document, RecordStore } from "../record-store.ts";

type Source = Pick<RecordStore, "aggregate">;

/** How many servers there are, and were; those that are configured no longer are not active. */
export async function serverTotals(store: Source): Promise<{ active: number; total: number }> {
  const servers = await store.aggregate("servers", [{ $project: { is_active: 1 } }]);
  return { active: servers.filter(isActive).length, total: servers.length };
}

/** A server whose configuration is not told yet is not active. */
export function isActive({ is_active }: Document): boolean {
  return is_active === true;
}
