import { isContainer, visitValues } from "./visit-values.ts";

/** Characters of the value's JSON text without white space; 0 for no value. */
export function jsonLength(root: unknown): number {
  if (root === undefined) return 0;
  let length = 0;
  visitValues(root, (key, value) => {
    if (key !== undefined) length += JSON.stringify(key).length + 1;
    length += isContainer(value) ? punctuation(value) : scalarLength(value);
  });
  return length;
}

function punctuation(container: object): number {
  const members = Array.isArray(container) ? container.length : Object.keys(container).length;
  return 2 + Math.max(0, members - 1);
}

function scalarLength(value: unknown): number {
  return typeof value === "string" ? JSON.stringify(value).length : String(value).length;
}
