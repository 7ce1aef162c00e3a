import { TooMuchToCheck } from "./budget.ts";
import { lookAlikes } from "./look-alikes.ts";
import { SEPARATOR } from "./texts.ts";

// biome-ignore lint/suspicious/noControlCharactersInRegex: the separator stands between texts
const NOT_ASCII_TEXT = /[^\t\n\r\u001f -~]/;
const WHITE_SPACE = /[\s\u0085\u2800]{2,}|[^\S ]|[\u0085\u2800]/g;
const UNFOLDED_SPACE = / {2}|[\t\n\v\f\r\u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000\ufeff]/;

/** One character may stand for 18; a text of them is made to take time. */
const TIMES_THE_TEXT = 4;
const CHARACTERS_BESIDES = 65_536;

/** What becomes of a UTF-16 code unit; these two stand for no character of their own. */
const GONE = 0;
const INVISIBLE = 1;
/** The high surrogate of tags and of variation selectors: all that follows it is invisible. */
const INVISIBLE_PLANE = 0xdb40;

/** The selector for emoji, and the joiner of several to one. */
const VARIATION = 0xfe0f;
const JOINER = 0x200d;

const READ_AS = Uint16Array.from({ length: 0x1_00_00 }, (_, code) => readAs(code));
for (const [character, latin] of lookAlikes) READ_AS[character.charCodeAt(0)] = latin.charCodeAt(0);

function readAs(code: number): number {
  const character = String.fromCharCode(code);
  if (code < 0x80 ? /[\t\n\v\f\r -~]/.test(character) : code === 0x85) return code;
  if (character === SEPARATOR) return code;
  if (code === INVISIBLE_PLANE || /[\p{Default_Ignorable_Code_Point}\p{Cf}]/u.test(character)) return INVISIBLE;
  return /[\p{Mn}\p{Cc}]/u.test(character) ? GONE : code;
}

/**
 * The text as it looks: compatibility forms, look-alikes and invisible characters are gone. White space stays as it is.
 * Where there are invisible characters there is a second reading, in which they are spaces. Throws TooMuchToCheck.
 */
export function readingsOf(text: string): readonly string[] {
  if (!NOT_ASCII_TEXT.test(text)) return [text];
  const composed = text.normalize("NFKC");
  if (composed.length > TIMES_THE_TEXT * text.length + CHARACTERS_BESIDES) {
    throw new TooMuchToCheck("compatibility forms stand for too many characters");
  }
  const units = new Uint16Array(composed.length);
  const reading = read(composed, units, GONE);
  return reading.hasInvisible ? [reading.text, read(composed, units, 0x20).text] : [reading.text];
}

function read(text: string, units: Uint16Array, invisibleAs: number): { text: string; hasInvisible: boolean } {
  let length = 0;
  let hasInvisible = false;
  for (let index = 0; index < text.length; index += 1) {
    let unit = unitAt(text, index);
    if (unit === INVISIBLE) {
      hasInvisible = true;
      unit = invisibleAs;
    }
    units[length] = unit;
    if (unit !== GONE) length += 1;
  }
  return { text: Buffer.from(units.buffer, 0, 2 * length).toString("utf16le"), hasInvisible };
}

function unitAt(text: string, index: number): number {
  const code = text.charCodeAt(index);
  const unit = READ_AS[code] ?? code;
  const before = text.charCodeAt(index - 1);
  if (unit === INVISIBLE && isOfPicture(code, before)) return GONE;
  return before === INVISIBLE_PLANE && isLowSurrogate(code) ? GONE : unit;
}

/** Emoji are made with these: there they part no words. */
function isOfPicture(code: number, before: number): boolean {
  if (code !== VARIATION && code !== JOINER) return false;
  return isLowSurrogate(before) || (before >= 0x2190 && before <= 0x2bff) || before === VARIATION;
}

function isLowSurrogate(code: number): boolean {
  return (code & 0xfc00) === 0xdc00;
}

/** Each run of white space as one space. */
export function foldSpace(text: string): string {
  return UNFOLDED_SPACE.test(text) ? text.replace(WHITE_SPACE, " ") : text;
}
