import type { Closable } from "@mcp-governance-bridge/shared";

/** At most `permits` in any `windowMs` milliseconds. Limits of equal `key` and window share one count. */
export interface Limit {
  key: string;
  permits: number;
  windowMs: number;
}

export type Grant =
  | { granted: true }
  | {
      granted: false;
      /** Of the limits that are used up, the one that makes wait longest. */
      limit: Limit;
      /** Permits of it in use. */
      used: number;
      /** Milliseconds until it has a permit again. */
      retryAfterMs: number;
    };

/** Counts permits, exactly, over all replicas that share the store. Its methods reject at once while it cannot be reached. */
export interface CounterStore extends Closable {
  /** Takes one permit of every limit, or none of any. The limits must differ in key or window. */
  take(limits: readonly Limit[]): Promise<Grant>;
  /** What `take` would answer at this moment. Takes nothing. */
  peek(limits: readonly Limit[]): Promise<Grant>;
  /** Rejects with the reason when nothing can be counted at this moment. */
  ping(): Promise<void>;
}
