import { type Budget, TooMuchToCheck } from "./budget.ts";
import { decode } from "./decode.ts";
import { readingsOf } from "./normalise.ts";
import { addMember, SEPARATOR, type Texts } from "./texts.ts";
import { viewsOf } from "./views.ts";
import { visitMembers } from "./visit-texts.ts";

/** JSON in base64 in JSON and so on: more layers than anybody has reason for. */
const MAX_LAYERS = 8;

/** Told of a view of texts, joined by SEPARATOR. True ends the search. */
export type Look = (view: string) => boolean;

/** Shows every view of the texts, and of what is encoded in them, to `look`. True where it ended the search. Throws TooMuchToCheck. */
export function lookThrough(texts: Texts, budget: Budget, look: Look): boolean {
  const isEnough: Look = (view) => {
    budget.take(view.length);
    return look(view);
  };
  let layer = texts;
  for (let depth = 0; depth <= MAX_LAYERS; depth += 1) {
    const joined = layer.pieces.join(SEPARATOR);
    const readings = readingsOf(joined);
    if (viewsOf(joined, readings).some(isEnough)) return true;
    const inside = insideOf(joined, readings, layer);
    if (inside.length === 0) return false;
    layer = textsOf(inside);
  }
  throw new TooMuchToCheck(`the value has more than ${MAX_LAYERS} layers of encoding`);
}

/** What is inside of texts as they are, and what is only inside of them as they look. */
function insideOf(joined: string, [reading = joined]: readonly string[], layer: Texts): unknown[] {
  const inside = decode(joined, layer);
  if (reading === joined) return inside;
  const known = new Set<unknown>(
    inside.flatMap((found) => (typeof found === "string" ? [found, ...readingsOf(found)] : [])),
  );
  return [...inside, ...decode(reading, { pieces: [], embedded: [] }).filter((found) => !known.has(found))];
}

/** All texts of some values. */
export function textsOf(values: readonly unknown[]): Texts {
  const texts: Texts = { pieces: [], embedded: [] };
  for (const value of values) visitMembers(value, (key, member) => addMember(texts, key, member));
  return texts;
}
