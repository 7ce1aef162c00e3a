/** The entries of a JSON object; none for any other value. */
export function entriesOf(value: unknown): [key: string, value: unknown][] {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
}

/** A member of a JSON object; `undefined` where there is none. */
export function memberOf(value: unknown, key: string): unknown {
  return entriesOf(value).find(([name]) => name === key)?.[1];
}
