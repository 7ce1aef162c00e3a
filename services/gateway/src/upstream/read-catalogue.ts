import type { Log } from "@mcp-governance-bridge/shared";
import { type Catalogue, type Item, itemsOf, KINDS, type Kind, nextCursor } from "../catalogue/catalogue.ts";
import { resultOf } from "./handshake.ts";
import type { Link } from "./link.ts";

export interface ReadOptions {
  timeoutMs: number;
  log: Log;
}

const MAX_PAGES = 100;

/** Lists of an upstream as they are now. One that cannot be read is left out: what was last known of it stays. */
export async function readLists(
  link: Link,
  kinds: readonly Kind[],
  { timeoutMs, log }: ReadOptions,
): Promise<Partial<Catalogue>> {
  const lists = kinds.map(async (kind) => {
    try {
      return [[kind, await readList(link, kind, timeoutMs)]];
    } catch (error) {
      log.warn({ err: error, kind }, "list could not be read, the last known stays");
      return [];
    }
  });
  return Object.fromEntries((await Promise.all(lists)).flat());
}

/** All pages of one list. Rejects when any page cannot be had. */
async function readList(link: Link, kind: Kind, timeoutMs: number): Promise<Item[]> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const answer = await link.ask(KINDS[kind].method, cursor === undefined ? {} : { cursor }, timeoutMs);
    resultOf(answer);
    items.push(...itemsOf(kind, answer));
    cursor = nextCursor(answer);
    if (cursor === undefined) break;
  }
  return items;
}
