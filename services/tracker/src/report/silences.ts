/** A time without a call. */
export interface Silence {
  from: Date;
  to: Date;
}

const SHOWN = 5;
const LEAST_MS = 3_600_000;

/** Finds the longest times without a call, of an hour or more; times are given in their order. */
export function createSilences(from: Date, to: Date) {
  let first: Date | null = null;
  let last: Date | null = null;
  const longest: Silence[] = [];

  function consider(silence: Silence): void {
    if (lengthOf(silence) < LEAST_MS) return;
    longest.push(silence);
    longest.sort((a, b) => lengthOf(b) - lengthOf(a));
    if (longest.length > SHOWN) longest.pop();
  }

  return {
    add(at: Date): void {
      consider({ from: last ?? from, to: at });
      first ??= at;
      last = at;
    },
    result(): { silences: Silence[]; first_at: Date | null; last_at: Date | null } {
      consider({ from: last ?? from, to });
      return { silences: longest, first_at: first, last_at: last };
    },
  };
}

function lengthOf({ from, to }: Silence): number {
  return to.getTime() - from.getTime();
}
