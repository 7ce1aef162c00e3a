import type { Top } from "./counts.ts";
import type { Listed } from "./surroundings.ts";

/** Text that is HTML, and not to be escaped again. */
export interface Html {
  html: string;
}

export type Cell = string | number | Date | null | Html;

export interface Column {
  title: string;
  isNumber?: boolean;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** What comes from outside, as text that is nothing but text. */
function escaped(text: string): string {
  // Signs that nobody sees, or that turn the direction of writing, say that they are there.
  return text
    .replace(/[&<>"']/g, (sign) => ESCAPES[sign] ?? "")
    .replace(/[\p{Cc}\p{Surrogate}\p{Bidi_Control}]/gu, (sign) => (/\s/.test(sign) ? " " : "\ufffd"));
}

/** HTML of literal text with values in it, which are escaped unless they are HTML. */
export function html(texts: TemplateStringsArray, ...values: readonly (Cell | readonly Html[])[]): Html {
  return { html: texts.map((text, index) => text + textIn(values[index])).join("") };
}

function textIn(value: Cell | readonly Html[] | undefined): string {
  if (value === undefined || value === null) return "";
  if (typeof value === "number") return numberText(value);
  if (value instanceof Date) return timeText(value);
  if (typeof value === "string") return escaped(value);
  return "html" in value ? value.html : value.map((part) => part.html).join("");
}

export function timeText(date: Date): string {
  return `${date.toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

export function numberText(value: number): string {
  return value.toLocaleString("en-US", { maximumFractionDigits: 1 });
}

export function percentText(part: number, whole: number): string {
  return whole === 0 ? "none" : `${numberText((100 * part) / whole)} %`;
}

/** A table, or a sentence where it would be empty. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[], none = "None."): Html {
  if (rows.length === 0) return html`<p class="soft">${none}</p>`;
  const kind = (index: number): Html => ({ html: columns[index]?.isNumber ? ' class="number"' : "" });
  const heads = columns.map(({ title }, index) => html`<th scope="col"${kind(index)}>${title}</th>`);
  const lines = rows.map((row) => {
    // A name may be written from right to left: what stands beside it is not.
    const cells = row.map((cell, index) => html`<td${kind(index)}><bdi>${cell}</bdi></td>`);
    return html`<tr>${cells}</tr>\n`;
  });
  return html`<table><thead><tr>${heads}</tr></thead><tbody>\n${lines}</tbody></table>`;
}

interface TopOptions {
  names: readonly string[];
  marks?: readonly string[];
  /** What is counted. */
  of?: string;
}

/** The most frequent of something, with what else is known of them. */
export function topTable(top: Top, { names, marks = [], of = "Calls" }: TopOptions): Html {
  const columns = [...names.map((title) => ({ title })), ...[of, ...marks].map((title) => ({ title, isNumber: true }))];
  const rows = top.rows.map((row) => [
    ...row.names.map((name) => (name === "" ? "(none)" : name)),
    row.count,
    ...marks.map((mark) => row.marks[mark.toLowerCase()] ?? 0),
  ]);
  const rest =
    top.others > 0 ? html`<p class="soft">${top.others} more are not in the ${top.rows.length} shown.</p>` : null;
  return html`${table(columns, rows)}${rest}`;
}

/** Says that a list is cut, where it is. */
export function cutNote({ items, of }: Listed<unknown>): Html | null {
  return of > items.length ? html`<p class="soft">The newest ${items.length} of ${of} are shown.</p>` : null;
}
