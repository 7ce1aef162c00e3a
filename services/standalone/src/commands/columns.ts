type Cell = string | number;

/** Rows as lines, each column as wide as its widest cell, numbers to the right. */
export function columns(rows: readonly (readonly Cell[])[], indent = "  "): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, String(cell).length);
  }
  const padded = (cell: Cell, index: number): string =>
    typeof cell === "number" ? String(cell).padStart(widths[index] ?? 0) : cell.padEnd(widths[index] ?? 0);
  return rows.map((row) => `${indent}${row.map(padded).join("  ")}`.trimEnd());
}
