/** Halves of a pair alone: no store keeps them, most give back U+FFFD. */
const LONE_SURROGATES = /\p{Surrogate}/gu;

/**
 * Canonical JSON (RFC 8785) of a document as a store has it: dates as ISO text, members that are undefined left out, and
 * U+FFFD for lone surrogates, so that it is the same before the document is stored and after it is read, also as JSON.
 */
export function canonicalText(value: unknown): string {
  if (typeof value === "string") return quote(value);
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  if (value instanceof Date) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  return object(value as Record<string, unknown>);
}

function object(value: Record<string, unknown>): string {
  let text = "";
  for (const name of Object.keys(value).sort()) {
    const member = value[name];
    if (member !== undefined) text += `${text && ","}${quote(name)}:${canonicalText(member)}`;
  }
  return `{${text}}`;
}

/** Looks for surrogates only where JSON has escaped one: this is asked for every name and text of the record. */
export function quote(text: string): string {
  const json = JSON.stringify(text);
  return json.includes("\\ud") ? JSON.stringify(text.replace(LONE_SURROGATES, "\ufffd")) : json;
}
