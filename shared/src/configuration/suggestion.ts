/** Levenshtein's distance: how many characters must be added, removed or replaced to make one word the other. */
export function distance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}

/** The candidate that the word most likely stands for; `undefined` where none is near. */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  const plain = normalise(word);
  const ranked = candidates
    .map((candidate) => ({ candidate, away: distance(plain, normalise(candidate)) }))
    .sort((a, b) => a.away - b.away);
  const best = ranked[0];
  const tolerance = Math.max(1, Math.floor(word.length / 3));
  return best && best.away <= tolerance ? best.candidate : undefined;
}

function normalise(word: string): string {
  return word.toLowerCase().replaceAll(/[-_\s]/g, "");
}
