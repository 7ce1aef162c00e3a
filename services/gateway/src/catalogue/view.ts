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

type Names = ReadonlyMap<string, Entry>;

/** What the clients of one listener see: the catalogues of its upstreams under their public names, in the configuration's order. */
export class View {
  readonly upstreams: readonly Upstream[];
  readonly #log: Log;
  readonly #lists = new Map<Kind, string>();
  #tools: Names = new Map();
  #prompts: Names = new Map();
  #resources = new ResourceIndex([]);

  constructor(upstreams: readonly Upstream[], log: Log) {
    this.upstreams = upstreams;
    this.#log = log;
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

  /** The result of a list method, as JSON text. */
  list(kind: Kind): string {
    return this.#lists.get(kind) ?? `{"${KINDS[kind].member}":[]}`;
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
    const texts: string[] = [];
    for (const upstream of this.upstreams) {
      for (const item of upstream.catalogue[kind]) {
        for (const name of publicNames(upstream.server, item.key)) {
          if (this.#isTaken(names, { name, upstream })) continue;
          names.set(name, { upstream, item });
          texts.push(splice(item.text, [[item.name, JSON.stringify(name)]]));
        }
      }
    }
    this.#keep(kind, texts);
    return names;
  }

  #uris(kind: "resources" | "templates"): void {
    const published = publicUris(this.upstreams, kind);
    this.#keep(
      kind,
      published.map(({ text }) => text),
    );
    this.#resources = new ResourceIndex(this.upstreams);
  }

  #keep(kind: Kind, texts: readonly string[]): void {
    this.#lists.set(kind, `{"${KINDS[kind].member}":[${texts.join()}]}`);
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

function found<T>(value: T | undefined, message: string): T {
  if (value === undefined) throw new GovernanceError("params.invalid", message);
  return value;
}
