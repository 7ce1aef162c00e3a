/** Names come from outside: no more of them than this are told apart. */
const MAX_NAMES = 20_000;

/** How often each of some things came, and with what ends. */
export interface Row {
  names: string[];
  count: number;
  /** Among them, by what else was told. */
  marks: Record<string, number>;
}

/** Counts by names. */
export class Counts {
  readonly #rows = new Map<string, Row>();
  #untold = 0;

  /** How many different ones there are, as far as they are told apart. */
  get size(): number {
    return this.#rows.size;
  }

  /** Whether all that were added are told apart. */
  get isWhole(): boolean {
    return this.#untold === 0;
  }

  add(names: readonly string[], mark?: string): void {
    const row = this.#rowOf(names);
    if (!row) {
      this.#untold += 1;
      return;
    }
    row.count += 1;
    if (mark !== undefined) row.marks[mark] = (row.marks[mark] ?? 0) + 1;
  }

  has(names: readonly string[]): boolean {
    return this.#rows.has(JSON.stringify(names));
  }

  rows(): Row[] {
    return [...this.#rows.values()];
  }

  /** The most frequent ones. What is left out is counted: `others` of `of` are not shown. */
  top(limit: number): { rows: Row[]; others: number; of: number } {
    const rows = this.rows().sort((a, b) => b.count - a.count || compare(a.names, b.names));
    const others = rows.slice(limit).reduce((sum, { count }) => sum + count, this.#untold);
    return { rows: rows.slice(0, limit), others, of: rows.length };
  }

  #rowOf(names: readonly string[]): Row | undefined {
    const key = JSON.stringify(names);
    const known = this.#rows.get(key);
    if (known || this.#rows.size >= MAX_NAMES) return known;
    const row: Row = { names: [...names], count: 0, marks: {} };
    this.#rows.set(key, row);
    return row;
  }
}

export type Top = ReturnType<Counts["top"]>;

function compare(a: readonly string[], b: readonly string[]): number {
  const [one, other] = [a.join("\n"), b.join("\n")];
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
