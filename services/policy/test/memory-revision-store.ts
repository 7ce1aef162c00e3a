import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { Revision, RevisionStore } from "../src/revision-store.ts";
import { parseRevision } from "../src/revisions/revision-text.ts";

/** A store that a test can take away, and in which an answer can get lost. */
export interface MemoryRevisionStore extends RevisionStore {
  /** How it behaves: `away` rejects, `deaf` keeps what is appended and then rejects. */
  mode: "here" | "away" | "deaf";
  /** How often it was asked while it was away. */
  missed: number;
  /** Forgets everything. */
  lose(): void;
}

/** Keeps revisions as text, as stores do. */
export function createMemoryRevisionStore(kept = 500): MemoryRevisionStore {
  const texts = new Map<number, string>();
  const watchers = new Set<() => void>();
  const answer = async <T>(value: () => T): Promise<T> => {
    if (store.mode !== "away") return value();
    store.missed += 1;
    throw unavailable();
  };
  const get = (number: number): Revision | undefined => {
    const text = texts.get(number);
    return text === undefined ? undefined : parseRevision(text);
  };
  const latest = (): Revision | undefined => get(Math.max(...texts.keys()));
  const store: MemoryRevisionStore = {
    mode: "here",
    missed: 0,
    lose: () => texts.clear(),
    latest: () => answer(latest),
    get: (number) => answer(() => get(number)),
    list: (limit) =>
      answer(() =>
        [...texts.values()]
          .map(parseRevision)
          .toSorted((a, b) => b.number - a.number)
          .slice(0, limit),
      ),
    append: (revision) =>
      answer(() => {
        if (Math.max(0, ...texts.keys()) >= revision.number) return false;
        texts.set(revision.number, JSON.stringify(revision));
        texts.delete(revision.number - kept);
        if (store.mode === "deaf") throw unavailable();
        for (const tell of watchers) tell();
        return true;
      }),
    watch(after, onRevision) {
      let told = after;
      const tell = (): void => {
        const newest = latest();
        if (!newest || newest.number <= told) return;
        told = newest.number;
        onRevision(newest);
      };
      watchers.add(tell);
      queueMicrotask(tell);
      return { close: async () => void watchers.delete(tell) };
    },
    close: async () => watchers.clear(),
  };
  return store;
}

function unavailable(): GovernanceError {
  return new GovernanceError("policy.unavailable", "the store is away");
}
