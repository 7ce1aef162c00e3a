const EXPRESSION = /\{([+#./;?&]?)[^}]*\}/g;

/** An expression, which stands for some text, and the literal text behind it. */
interface Part {
  /** Whether the text may hold `/`: not in the simple form. */
  anything: boolean;
  literal: string;
}

/** Tells whether a URI could come from an RFC 6570 template. Linear in the length of the URI. */
export function templateMatcher(template: string): (uri: string) => boolean {
  const found = [...template.matchAll(EXPRESSION)];
  const starts = found.map(({ index }) => index);
  const head = template.slice(0, starts[0]);
  const parts = found.map((match, number) => ({
    anything: match[1] !== "",
    literal: template.slice(match.index + match[0].length, starts[number + 1]),
  }));
  if (parts.length === 0) return (uri) => uri === template;
  return (uri) => uri.startsWith(head) && fits(uri, head.length, parts);
}

function fits(uri: string, start: number, parts: readonly Part[]): boolean {
  let at = start;
  for (const [number, { anything, literal }] of parts.entries()) {
    const isLast = number === parts.length - 1;
    const end = isLast ? lastPlaceOf(literal, uri) : uri.indexOf(literal, at);
    if (end < at || (!anything && uri.slice(at, end).includes("/"))) return false;
    at = end + literal.length;
  }
  return true;
}

function lastPlaceOf(tail: string, uri: string): number {
  return uri.endsWith(tail) ? uri.length - tail.length : -1;
}
