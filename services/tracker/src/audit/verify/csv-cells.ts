/** The last cell of each row of a CSV text (RFC 4180) that comes in pieces. Memory holds one row. */
export async function* lastCells(pieces: AsyncIterable<string>): AsyncGenerator<string, void, undefined> {
  let rest = "";
  for await (const piece of pieces) {
    rest += piece;
    let from = 0;
    for (let row = rowAt(rest, from); row; row = rowAt(rest, from)) {
      yield row.last;
      from = row.end;
    }
    rest = rest.slice(from);
  }
  if (rest.trim() === "") return;
  const row = rowAt(`${rest}\n`, 0);
  if (row) yield row.last;
}

interface Row {
  last: string;
  /** After its line feed. */
  end: number;
}

/** Undefined where the row is not whole yet. */
function rowAt(text: string, start: number): Row | undefined {
  for (let at = start; at < text.length; ) {
    const cell = text.charAt(at) === '"' ? quotedAt(text, at) : plainAt(text, at);
    if (!cell) return undefined;
    if (text.charAt(cell.end) === "\n") return { last: cell.value, end: cell.end + 1 };
    at = cell.end + 1;
  }
  return undefined;
}

interface Cell {
  value: string;
  /** At the comma or line feed after it. */
  end: number;
}

function quotedAt(text: string, start: number): Cell | undefined {
  let close = text.indexOf('"', start + 1);
  while (close >= 0 && text.charAt(close + 1) === '"') close = text.indexOf('"', close + 2);
  const end = close < 0 ? -1 : endAfter(text, close + 1);
  return end < 0 ? undefined : { value: text.slice(start + 1, close).replaceAll('""', '"'), end };
}

function plainAt(text: string, start: number): Cell | undefined {
  const end = endAfter(text, start);
  return end < 0 ? undefined : { value: text.slice(start, end).replace(/\r$/, ""), end };
}

const END = /[,\n]/g;

function endAfter(text: string, at: number): number {
  END.lastIndex = at;
  return END.exec(text)?.index ?? -1;
}
