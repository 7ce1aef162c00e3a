import type { Closable } from "@mcp-governance-bridge/shared";

interface Counted {
  /** What is counted. Limits of equal key, kind and window share one count. */
  key: string;
  /** Limits that one call takes together have the same group: in a cluster they live on one node. */
  group: string;
  permits: number;
}

/** At most `permits` in any `windowMs` milliseconds, by the store's clock. */
export interface WindowLimit extends Counted {
  kind: "window";
  windowMs: number;
  /** Permits that one call takes. A call that costs nothing is always granted. */
  cost: number;
}

/** At most `permits` until `endsAt`, in milliseconds since 1970; `key` tells one period from the next. */
export interface QuotaLimit extends Counted {
  kind: "quota";
  endsAt: number;
  cost: number;
}

/** At most `permits` calls under way. A call that is never released counts for `leaseMs`. */
export interface ConcurrencyLimit extends Counted {
  kind: "concurrent";
  leaseMs: number;
}

export type Limit = WindowLimit | QuotaLimit | ConcurrencyLimit;

export type Grant = {
  /** Permits of each limit that were in use before, in the limits' order. */
  used: readonly number[];
} & (
  | { granted: true }
  | {
      granted: false;
      /** Index of the limit that makes wait longest, of those without enough permits. */
      refusedBy: number;
      /** Milliseconds until it has enough again; undefined where waiting does not help or nobody can know. */
      retryAfterMs: number | undefined;
    }
);

/** What `take` did. */
export type Taking = Grant & {
  /** What each trial did; empty where the call was refused. */
  trials: readonly Grant[];
};

/** Counts permits, exactly, over all replicas that share the store. Its methods reject at once while it cannot be reached. */
export interface CounterStore extends Closable {
  /**
   * Takes what the call costs of every limit for `holder`, a call's id, or nothing of any. A holder has one lease of a limit,
   * however often it is taken. Where that is granted, each trial is taken in the same way, by itself, and changes nothing for
   * the call. All limits differ in key, kind or window.
   */
  take(limits: readonly Limit[], holder: string, trials?: readonly (readonly Limit[])[]): Promise<Taking>;
  /** What `take` would answer at this moment. Takes nothing. */
  peek(limits: readonly Limit[]): Promise<Grant>;
  /** Ends what `holder` has under way. Releasing twice is the same as once. */
  release(leases: readonly string[], holder: string): Promise<void>;
  /** Rejects with the reason when nothing can be counted at this moment. */
  ping(): Promise<void>;
}

/** What a call that took this limit must give back at its end. */
export function leaseOf({ group, key }: ConcurrencyLimit): string {
  return JSON.stringify([group, key]);
}

/** What `leaseOf` made of it. Throws for anything else. */
export function parseLease(lease: string): Pick<ConcurrencyLimit, "group" | "key"> {
  const parsed: unknown = JSON.parse(lease);
  const [group, key] = Array.isArray(parsed) ? parsed : [];
  if (typeof group !== "string" || typeof key !== "string") throw new TypeError(`no lease: ${lease}`);
  return { group, key };
}
