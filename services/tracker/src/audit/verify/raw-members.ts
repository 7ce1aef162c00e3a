/** Texts of the members of a JSON object, as they stand there, by their names. Throws a SyntaxError for names that are none. */
export function rawMembers(text: string): Map<string, string> {
  const members = new Map<string, string>();
  let start = 1;
  for (const { colon, end } of placesOf(text)) {
    members.set(JSON.parse(text.slice(start, colon)) as string, text.slice(colon + 1, end).trim());
    start = end + 1;
  }
  return members;
}

interface Place {
  colon: number;
  end: number;
}

const code = (sign: string): number => sign.charCodeAt(0);
const QUOTE = code('"');
const COLON = code(":");
/** By how much a sign changes the depth. */
const CHANGES = new Map([
  [code("{"), 1],
  [code("["), 1],
  [code("}"), -1],
  [code("]"), -1],
]);
/** What members of an object end with. */
const ENDS = new Set([code(","), code("}")]);

/** Where the members of the outermost object have their colons, and where they end. No regular expression: strings may have megabytes. */
function placesOf(text: string): Place[] {
  const places: Place[] = [];
  let depth = 0;
  let colon = -1;
  for (let at = 0; at < text.length; at += 1) {
    const sign = text.charCodeAt(at);
    if (sign === QUOTE) at = stringEnd(text, at);
    else if (depth === 1 && sign === COLON) colon = at;
    else if (depth === 1 && ENDS.has(sign) && colon >= 0) {
      places.push({ colon, end: at });
      colon = -1;
    }
    depth += CHANGES.get(sign) ?? 0;
  }
  return places;
}

/** Where the string ends that begins there; the end of the text where it does not. */
function stringEnd(text: string, start: number): number {
  let end = text.indexOf('"', start + 1);
  while (end >= 0 && isEscaped(text, end)) end = text.indexOf('"', end + 1);
  return end < 0 ? text.length : end;
}

function isEscaped(text: string, at: number): boolean {
  let before = at - 1;
  while (text.charAt(before) === "\\") before -= 1;
  return (at - before) % 2 === 0;
}
