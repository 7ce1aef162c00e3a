import { SPANS } from "./figures.ts";
import type { Pending } from "./marks.ts";

/** A mark may be seen a little before what it speaks of: figures made sooner after it are made once more. */
export const SETTLE_MS = 10_000;

/** Figures of spans that are not over are made at most so often. */
const USUAL_MS = { minute: 10_000, hour: 60_000, day: 600_000 } as const;

/** Making the figures of one span again takes at most this part of the time. */
const SHARE = 1 / 20;

interface Made {
  startedAt: Date;
  /** What was on record then is in them. */
  asOf: Date;
  notBefore: number;
}

/** When to make the figures of which span, as far as this process has made them before. */
export interface Pace {
  /** False where they were made too short a time ago, or nothing is told that they lack and the marks may not have settled. */
  isDue(pending: Pending, now: Date): boolean;
  /** Whether figures made from then on leave nothing to do. */
  isSettled(pending: Pending, startedAt: Date): boolean;
  made(pending: Pending, times: { startedAt: Date; endedAt: Date; asOf: Date }): void;
  /** What was on record then is in the figures; undefined where this process has not made them. */
  asOf(pending: Pending): Date | undefined;
  /** Forgets what has no effect. */
  forget(now: Date): void;
}

export function createPace(): Pace {
  const made = new Map<string, Made>();
  const keyOf = ({ span, start }: Pending): string => `${span}/${start.getTime()}`;
  const isSettled = ({ newest }: Pending, at: Date): boolean => newest.getTime() + SETTLE_MS <= at.getTime();

  return {
    isSettled,
    isDue(pending, now) {
      const last = made.get(keyOf(pending));
      if (!last) return true;
      const isNew = pending.recorders.length > 0 || pending.newest > last.startedAt;
      return (isNew || isSettled(pending, now)) && now.getTime() >= last.notBefore;
    },
    made(pending, { startedAt, endedAt, asOf }) {
      const cost = endedAt.getTime() - startedAt.getTime();
      const isOver = pending.start.getTime() + SPANS[pending.span].ms <= startedAt.getTime();
      const usual = isOver ? 0 : USUAL_MS[pending.span];
      const notBefore = Math.max(startedAt.getTime() + usual, endedAt.getTime() + cost / SHARE);
      made.set(keyOf(pending), { startedAt, asOf, notBefore });
    },
    asOf: (pending) => made.get(keyOf(pending))?.asOf,
    forget(now) {
      const horizon = now.getTime() - SETTLE_MS;
      for (const [key, { notBefore }] of made) {
        if (notBefore < horizon) made.delete(key);
      }
    },
  };
}
