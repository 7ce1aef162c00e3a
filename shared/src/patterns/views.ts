import { foldSpace } from "./normalise.ts";
import { changeEach } from "./texts.ts";

/** Quotes that begin or end within a word. */
const QUOTED = /(['"`])\w*\1/g;
const WORD = /\w/;
/** Escaped letters, variables that are a space or nothing, and carets of cmd.exe. */
const ESCAPED = /\\["'\w\n-]/;
const SPACE_VARIABLE = /\$(?:\{IFS|IFS|[@*])/;
const CARET = /\^\w/;
const SHELL_SPACE = /\$\{IFS[^}]{0,40}\}|\$IFS(?:\$\d)?/g;
const SHELL_NOTHING = /\$[@*]|\\\r?\n|['"`^]|\\(?=\S)/g;

/**
 * Every form in which patterns look at a text: as it is, and, where that differs, as it looks (NFKC, without invisible characters, look-alikes
 * as Latin letters, white space as one space), without comments, and as a shell reads it. A joined text stays joined. `readings` are what `readingsOf` says of it.
 */
export function viewsOf(text: string, readings: readonly string[]): readonly string[] {
  const views = [text];
  for (const reading of readings) {
    const folded = foldSpace(reading);
    if (folded !== text) views.push(folded);
    if (hasComments(reading)) views.push(foldSpace(changeEach(reading, withoutComments)));
    if (hasShellTricks(reading)) views.push(foldSpace(asShellReads(reading)));
  }
  return views;
}

/** A comment to the end of the last line hides nothing from a pattern: it only ends the text. */
function hasComments(text: string): boolean {
  if (text.includes("/*")) return true;
  return text.includes("\n") && (text.includes("--") || text.includes("#"));
}

/** SQL comments as spaces. What MySQL runs although it stands in a comment (`/*!50000 … *\/`) stays. */
function withoutComments(text: string): string {
  let kept = "";
  let from = 0;
  for (let start = text.indexOf("/*"); start >= 0; start = text.indexOf("/*", from)) {
    const end = text.indexOf("*/", start + 2);
    if (end < 0) break;
    kept += `${text.slice(from, start)} ${runInComment(text.slice(start + 2, end))}`;
    from = end + 2;
  }
  return (kept + text.slice(from)).replace(/(?:--|#)[^\n\r]*/g, " ");
}

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
