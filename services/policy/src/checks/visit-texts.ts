import { isContainer, visitValues } from "./visit-values.ts";

/** Told of one text that patterns look at. A part is contained, with no word character beside it, in another text told of. */
export type Look = (text: string, isPart: boolean) => void;

/** Visits every string, every key, and `key: value` of every scalar member of a JSON document, decoded, at any depth. */
export function visitTexts(root: unknown, look: Look): void {
  visitValues(root, (key, value) => {
    if (key !== undefined) visitMember(key, value, look);
    else if (typeof value === "string") look(value, false);
  });
}

function visitMember(key: string, value: unknown, look: Look): void {
  const isScalar = !isContainer(value);
  look(key, isScalar);
  if (!isScalar) return;
  look(`${key}: ${value}`, false);
  if (typeof value === "string") look(value, true);
}
