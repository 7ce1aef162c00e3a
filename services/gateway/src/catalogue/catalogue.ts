import { isObject, type Message } from "../jsonrpc/message.ts";
import { elementsOf, type Span, scan } from "../jsonrpc/scan.ts";

/** One tool, prompt, resource or template as its upstream gave it, with the place of its name in the text. */
export interface Item {
  /** The name, or the URI or URI template of what has one. */
  readonly key: string;
  readonly text: string;
  readonly name: Span | undefined;
  readonly value: Readonly<Record<string, unknown>>;
}

/** Which list, the member that holds it, and the member that identifies an item. */
export const KINDS = {
  tools: { method: "tools/list", member: "tools", key: "name", changed: "notifications/tools/list_changed" },
  prompts: { method: "prompts/list", member: "prompts", key: "name", changed: "notifications/prompts/list_changed" },
  resources: {
    method: "resources/list",
    member: "resources",
    key: "uri",
    changed: "notifications/resources/list_changed",
  },
  templates: {
    method: "resources/templates/list",
    member: "resourceTemplates",
    key: "uriTemplate",
    changed: "notifications/resources/list_changed",
  },
} as const;
export type Kind = keyof typeof KINDS;

/** What an upstream offers, as it was last known. */
export type Catalogue = Readonly<Record<Kind, readonly Item[]>>;

export const EMPTY: Catalogue = { tools: [], prompts: [], resources: [], templates: [] };

/** The items on one page of a list, those without an identity left out. */
export function itemsOf(kind: Kind, page: Message): Item[] {
  const { member, key } = KINDS[kind];
  const span = scan(page.text, { result: { [member]: true } }).spans.get(`result.${member}`);
  if (span === undefined || page.text[span.start] !== "[") return [];
  return elementsOf(page.text, span).flatMap(({ start, end }) => {
    const text = page.text.slice(start, end);
    const value: unknown = JSON.parse(text);
    if (!isObject(value) || typeof value[key] !== "string") return [];
    return [{ key: value[key], text, value, name: scan(text, { name: true }).spans.get("name") }];
  });
}

/** The cursor of the next page, if there is one. */
export function nextCursor({ result }: Message): string | undefined {
  return isObject(result) && typeof result.nextCursor === "string" ? result.nextCursor : undefined;
}
