import { foldSpace } from "./normalise.ts";
import { changeEach, SEPARATOR } from "./texts.ts";

/** Quotes that begin or end within a word. */
const QUOTED = /(['"`])\w*\1/g;
const WORD = /\w/;
/** Escaped letters, variables that are a space or nothing, and carets of cmd.exe. */
const ESCAPED = /\\["'\w\n-]/;
const SPACE_VARIABLE = /\$(?:\{IFS|IFS|[@*])/;
const CARET = /\^\w/;
/** Only forms that run nothing themselves and stay within their text. */
const SHELL_SPACE = new RegExp(`\\$\\{IFS[^}$\`\\s${SEPARATOR}]{0,40}\\}|\\$IFS(?:\\$\\d)?`, "g");
const SHELL_NOTHING = /\$[@*]|\\\r?\n|['"`^]|\\(?=\S)/g;

/**
 * Every form in which patterns look at a text: as it is, and, where that differs, as it looks (NFKC, without invisible characters, look-alikes
 * as Latin letters, white space as one space), without comments, and as a shell reads it. A joined text stays joined. `readings` are what `readingsOf` says of it.
 */
export function viewsOf(text: string, readings: readonly string[]): readonly string[] {
  const views = [text];
  for (const [index, reading] of readings.entries()) {
    const folded = foldSpace(reading);
    if (folded !== text) views.push(folded);
    // The later readings differ in little: one form without comments is enough.
    for (const bare of withoutComments(reading).slice(0, index === 0 ? 2 : 1)) views.push(foldSpace(bare));
    if (hasShellTricks(reading)) views.push(foldSpace(asShellReads(reading)));
  }
  return views;
}

/**
 * SQL comments as spaces. Where there are blocks, a second time with nothing else taken for a comment: `--` and `#` may stand in a text, or
 * be something else to the database.
 */
function withoutComments(text: string): string[] {
  const hasBlocks = text.includes("/*");
  // A comment to the end of the last line hides nothing from a pattern: it only ends the text.
  if (!hasBlocks && !(text.includes("\n") && (text.includes("--") || text.includes("#")))) return [];
  const flat = changeEach(text, (each) => withoutLines(withoutFirstBlocks(each)));
  if (!hasBlocks) return [flat];
  const nested = changeEach(text, withoutNestedBlocks);
  return nested === flat ? [flat] : [flat, nested];
}

function withoutLines(text: string): string {
  return text.replace(/(?:--|#)[^\n\r]*/g, " ");
}

/** Blocks that end where the first one can: most databases know none within another. */
function withoutFirstBlocks(text: string): string {
  let kept = "";
  let from = 0;
  for (let start = text.indexOf("/*"); start >= 0; start = text.indexOf("/*", from)) {
    const end = text.indexOf("*/", start + 2);
    if (end < 0) break;
    kept += `${text.slice(from, start)} ${runInComment(text.slice(start + 2, end))}`;
    from = end + 2;
  }
  return kept + text.slice(from);
}

/** Blocks that may stand within others; what begins none that ends, such as `'/*'`, stays. */
function withoutNestedBlocks(text: string): string {
  const open: number[] = [];
  const blocks: { start: number; end: number }[] = [];
  for (const { 0: mark, index } of text.matchAll(/\/\*|\*\//g)) {
    const start = mark === "/*" ? void open.push(index) : open.pop();
    if (start === undefined) continue;
    while ((blocks.at(-1)?.start ?? -1) > start) blocks.pop();
    blocks.push({ start, end: index + 2 });
  }
  let kept = "";
  let from = 0;
  for (const { start, end } of blocks) {
    kept += `${text.slice(from, start)} ${runInComment(text.slice(start + 2, end - 2))}`;
    from = end;
  }
  return kept + text.slice(from);
}

/** What MySQL runs although it stands in a comment (`/*!50000 … *\/`) stays. */
function runInComment(content: string): string {
  return content.startsWith("!") ? `${content.replace(/^!\d*/, "")} ` : "";
}

function hasShellTricks(text: string): boolean {
  const hasEscapes = text.includes("\\") && ESCAPED.test(text);
  if (hasEscapes || (text.includes("$") && SPACE_VARIABLE.test(text)) || CARET.test(text)) return true;
  return hasQuotesWithinWords(text);
}

function hasQuotesWithinWords(text: string): boolean {
  for (const { 0: quoted, index } of text.matchAll(QUOTED)) {
    if (WORD.test(text[index - 1] ?? "") || WORD.test(text[index + quoted.length] ?? "")) return true;
  }
  return false;
}

function asShellReads(text: string): string {
  return text.replace(SHELL_SPACE, " ").replace(SHELL_NOTHING, "");
}
