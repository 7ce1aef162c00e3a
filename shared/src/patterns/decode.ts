import { addBase64Texts } from "./base64.ts";
import { SEPARATOR, type Texts } from "./texts.ts";

const ESCAPE = /%[0-9a-f]{2}|\\x[0-9a-f]{2}|\\u[0-9a-f]{4}|\\u\{[0-9a-f]|&#x?[0-9a-f]|\udb40[\udc20-\udc7e]|\\[nrt]/i;
const PERCENT_RUN = /(?:%[0-9a-f]{2})+/gi;
const CODE_UNIT = /\\x([0-9a-f]{2})|\\u([0-9a-f]{4})|\\u\{([0-9a-f]{1,6})\}|&#x([0-9a-f]{1,6});?/gi;
const DECIMAL_REFERENCE = /&#([0-9]{1,7});?/g;
const ESCAPED_SPACE = /\\[nrt]/g;
const TAG_CHARACTER = /\udb40([\udc20-\udc7e])/g;

/** What is inside of texts: escapes undone, base64 that is text, and JSON as values. Empty where nothing is. */
export function decode(joined: string, { embedded }: Texts): unknown[] {
  const inside: unknown[] = embedded.flatMap(parsed);
  if (ESCAPE.test(joined)) addUnescaped(joined, inside);
  addBase64Texts(joined, inside);
  return inside;
}

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

function addUnescaped(joined: string, found: unknown[]): void {
  for (const text of joined.split(SEPARATOR)) {
    const plain = ESCAPE.test(text) ? unescaped(text) : text;
    if (plain !== text) found.push(plain);
  }
}

/** URL-encoding (also of forms), escapes of programming languages and of HTML, and tag characters, which show nothing. */
function unescaped(text: string): string {
  const isUrlEncoded = /%[0-9a-f]{2}/i.test(text);
  return (isUrlEncoded ? fromUrl(text) : text)
    .replace(CODE_UNIT, (_all, ...hex) =>
      characterOf(
        Number.parseInt(
          hex.find((one) => one !== undefined),
          16,
        ),
      ),
    )
    .replace(DECIMAL_REFERENCE, (_all, code) => characterOf(Number(code)))
    .replace(TAG_CHARACTER, (_all, low) => String.fromCharCode(low.charCodeAt(0) - 0xdc00))
    .replace(ESCAPED_SPACE, " ");
}

function fromUrl(text: string): string {
  return text
    .replace(/\+/g, " ")
    .replace(PERCENT_RUN, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString("utf8"));
}

function characterOf(codePoint: number): string {
  return codePoint <= 0x10ffff ? String.fromCodePoint(codePoint) : "";
}
