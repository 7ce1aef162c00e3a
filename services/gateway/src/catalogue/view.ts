import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { splice } from "../jsonrpc/message.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { type Item, KINDS, type Kind } from "./catalogue.ts";
import { publicNames } from "./names.ts";
import { publicUris, ResourceIndex } from "./resource-index.ts";

/** One published item and whose it is. */
export interface Entry {
  upstream: Upstream;
  item: Item;
}

/** One list as it is published. Another object whenever the catalogue was read anew. */
export interface Listing {
  readonly kind: Kind;
  readonly entries: readonly (Entry & { text: string })[];
  /** The result of the list method, as JSON text. */
  readonly text: string;
}

type Names = ReadonlyMap<string, Entry>;

/** What the clients of one listener see: the catalogues of its upstreams under their public names, in the configuration's order. */
export class View {
  readonly #log: Log;
  readonly #lists = new Map<Kind, Listing>();
  #upstreams: readonly Upstream[];
  #tools: Names = new Map();
  #prompts: Names = new Map();
  #resources = new ResourceIndex([]);

  constructor(upstreams: readonly Upstream[], log: Log) {
    this.#upstreams = upstreams;
    this.#log = log;
    this.rebuild(Object.keys(KINDS) as Kind[]);
  }

  get upstreams(): readonly Upstream[] {
    return this.#upstreams;
  }

  /** Shows these upstreams from now on, by their present settings. */
  show(upstreams: readonly Upstream[]): void {
    this.#upstreams = upstreams;
    this.rebuild(Object.keys(KINDS) as Kind[]);
  }

  /** Takes up what the upstreams offer now. Calls already resolved are not affected. */
  rebuild(kinds: readonly Kind[]): void {
    for (const kind of kinds) {
      if (kind === "tools") this.#tools = this.#named(kind);
      else if (kind === "prompts") this.#prompts = this.#named(kind);
      else this.#uris(kind);
    }
  }

  listing(kind: Kind): Listing {
    return this.#lists.get(kind) ?? { kind, entries: [], text: listText(kind, []) };
  }

  /** Throws `params.invalid` for a name that nothing is published under. */
  tool(name: string): Entry {
    return found(this.#tools.get(name), `Unknown tool: ${name}`);
  }

  /** Throws `params.invalid` for a name that nothing is published under. */
  prompt(name: string): Entry {
    return found(this.#prompts.get(name), `Unknown prompt: ${name}`);
  }

  /** The upstream that answers for a URI, listed or not, and its own form of it. Throws `params.invalid` when there is none. */
  resource(uri: string): { upstream: Upstream; uri: string } {
    return found(this.#resources.find(uri), `Unknown resource: ${uri}`);
  }

  #named(kind: "tools" | "prompts"): Names {
    const names = new Map<string, Entry>();
    const entries: (Entry & { text: string })[] = [];
    for (const upstream of this.upstreams) {
      for (const item of upstream.catalogue[kind]) {
        for (const name of publicNames(upstream.server, item.key)) {
          if (this.#isTaken(names, { name, upstream })) continue;
          names.set(name, { upstream, item });
          entries.push({ upstream, item, text: splice(item.text, [[item.name, JSON.stringify(name)]]) });
        }
      }
    }
    this.#keep(kind, entries);
    return names;
  }

  #uris(kind: "resources" | "templates"): void {
    this.#keep(kind, publicUris(this.upstreams, kind));
    this.#resources = new ResourceIndex(this.upstreams);
  }

  #keep(kind: Kind, entries: Listing["entries"]): void {
    this.#lists.set(kind, { kind, entries, text: listText(kind, entries) });
  }

  /** The first in the configuration's order keeps a name; nothing is ever shadowed in silence. */
  #isTaken(names: Names, { name, upstream }: { name: string; upstream: Upstream }): boolean {
    const holder = names.get(name);
    if (holder === undefined) return false;
    const [first, second] = [holder.upstream.server.name, upstream.server.name];
    if (first !== second) this.#log.warn({ name, first, second }, "name published twice, the second is left out");
    return true;
  }
}

/** The result of a list method with these entries, as JSON text. */
export function listText(kind: Kind, entries: Listing["entries"]): string {
  return `{"${KINDS[kind].member}":[${entries.map(({ text }) => text).join()}]}`;
}

function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new GovernanceError("params.invalid", message);
  return value;
}
