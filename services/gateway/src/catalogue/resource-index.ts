import { splice } from "../jsonrpc/message.ts";
import { scan } from "../jsonrpc/scan.ts";
import type { Upstream } from "../upstream/upstream.ts";
import { type Item, KINDS } from "./catalogue.ts";
import { templateMatcher } from "./uri-template.ts";

interface PublicUri {
  uri: string;
  upstream: Upstream;
  item: Item;
  /** The item as it is published. */
  text: string;
}

export interface ResourceOwner {
  upstream: Upstream;
  /** The upstream's own URI. */
  uri: string;
}

/**
 * Resources keep their upstream's URIs, so that links in results go on working.
 * Where two upstreams list the same one, the later in the configuration's order has its prefix and a plus sign in front.
 */
export function publicUris(upstreams: readonly Upstream[], kind: "resources" | "templates"): PublicUri[] {
  const published = new Map<string, PublicUri>();
  for (const upstream of upstreams) {
    for (const item of upstream.catalogue[kind]) {
      const uri = published.has(item.key) ? marked(upstream, item.key) : item.key;
      if (!published.has(uri)) published.set(uri, { uri, upstream, item, text: textUnder(uri, item, KINDS[kind].key) });
    }
  }
  return [...published.values()];
}

/** Finds whose a URI is: listed, fitting a template, or of a scheme that only one upstream uses. */
export class ResourceIndex {
  readonly #listed: ReadonlyMap<string, ResourceOwner>;
  readonly #templates: readonly { matches: (uri: string) => boolean; upstream: Upstream }[];
  readonly #schemes = new Map<string, Set<Upstream>>();
  readonly #upstreams: readonly Upstream[];

  constructor(upstreams: readonly Upstream[]) {
    this.#upstreams = upstreams;
    const listed = publicUris(upstreams, "resources");
    const templates = publicUris(upstreams, "templates");
    this.#listed = new Map(listed.map(({ uri, upstream, item }) => [uri, { upstream, uri: item.key }]));
    this.#templates = templates.map(({ upstream, item }) => ({ upstream, matches: templateMatcher(item.key) }));
    for (const { upstream, item } of [...listed, ...templates]) {
      const scheme = schemeOf(item.key);
      this.#schemes.set(scheme, (this.#schemes.get(scheme) ?? new Set()).add(upstream));
    }
  }

  find(uri: string): ResourceOwner | undefined {
    return this.#listed.get(uri) ?? this.#marked(uri) ?? this.#fitting(uri) ?? this.#sole(uri);
  }

  #marked(uri: string): ResourceOwner | undefined {
    const upstream = this.#upstreams.find((each) => uri.startsWith(marked(each, "")));
    return upstream && { upstream, uri: uri.slice(marked(upstream, "").length) };
  }

  #fitting(uri: string): ResourceOwner | undefined {
    const template = this.#templates.find(({ matches }) => matches(uri));
    return template && { upstream: template.upstream, uri };
  }

  #sole(uri: string): ResourceOwner | undefined {
    const withScheme = [...(this.#schemes.get(schemeOf(uri)) ?? [])];
    const able = this.#upstreams.filter((upstream) => upstream.offers("resources"));
    const [upstream, ...others] = withScheme.length > 0 ? withScheme : able;
    return upstream && others.length === 0 ? { upstream, uri } : undefined;
  }
}

function marked({ server }: Upstream, uri: string): string {
  return `${server.governance.governance_prefix || server.name}+${uri}`;
}

function textUnder(uri: string, { key, text }: Item, member: string): string {
  if (uri === key) return text;
  return splice(text, [[scan(text, { [member]: true }).spans.get(member), JSON.stringify(uri)]]);
}

function schemeOf(uri: string): string {
  return uri.slice(0, uri.indexOf(":") + 1).toLowerCase();
}
