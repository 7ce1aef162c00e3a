import { setTimeout as delay } from "node:timers/promises";
import { GovernanceError, type GovernedMethod, type Log, type VisibilityQuery } from "@mcp-governance-bridge/shared";
import type { Kind } from "../catalogue/catalogue.ts";
import { type Listing, listText, type View } from "../catalogue/view.ts";
import type { Session } from "../front/session.ts";
import { isObject } from "../jsonrpc/message.ts";
import type { DecisionPoint } from "../ports.ts";
import type { FailureMode } from "./policy-failure.ts";

export interface VisibleListsOptions {
  decisionPoint: Pick<DecisionPoint, "visible" | "onRevision">;
  onPolicyFailure: () => FailureMode;
  log: Log;
  /** Askers and lists that are remembered; the one asked for longest ago goes first. */
  max?: number;
}

type Entry = Listing["entries"][number];

/** A list with some of it hidden. Askers that the same is hidden from share one. */
interface Shape {
  listing: Listing;
  text: string;
  visible: ReadonlySet<string>;
}

/** What an asker may see, and under which revision. */
interface Filter {
  shape: Shape;
  revision: string;
}

interface Question {
  listing: Listing;
  /** The revision that was known to be in force. */
  revision: string | undefined;
  answer: Promise<Filter>;
}

interface Known {
  filter?: Filter;
  question?: Question;
}

const MAX_KNOWN = 2_000;
/** Replicas of the policy service take up a revision within a second of each other. */
const ASK_AGAIN_MS = 150;
const TRIES = 8;

/** What a call of each list's items would be. */
const methods: Readonly<Record<Kind, GovernedMethod>> = {
  tools: "tools/call",
  prompts: "prompts/get",
  resources: "resources/read",
  templates: "resources/read",
};

/**
 * Lists without what their asker can never call. An answer holds until the revision or the catalogue changes;
 * while there is none, the asker sees of the list what it saw last.
 */
export class VisibleLists {
  readonly #options: VisibleListsOptions;
  readonly #known = new Map<string, Known>();
  readonly #views = new WeakMap<View, number>();
  readonly #shapeOf = createShapes();
  #revision: string | undefined;

  constructor(options: VisibleListsOptions) {
    this.#options = options;
    options.decisionPoint.onRevision((revision) => {
      this.#revision = revision;
    });
  }

  /** The result of a list method as this asker may see it. Rejects with `policy.unavailable` while that cannot be known. */
  async list(session: Session, view: View, kind: Kind): Promise<string> {
    const listing = view.listing(kind);
    if (listing.entries.length === 0) return listing.text;
    const known = this.#knownBy(`${this.#numberOf(view)} ${kind} ${askerOf(session)}`);
    const { filter } = known;
    if (filter?.shape.listing === listing && this.#isInForce(filter.revision)) return filter.shape.text;
    try {
      return (await this.#answerFor(known, session, listing)).shape.text;
    } catch (error) {
      return this.#withoutAnswer(known, listing, error);
    }
  }

  #withoutAnswer({ filter }: Known, listing: Listing, error: unknown): string {
    const { log, onPolicyFailure } = this.#options;
    log.error({ err: error, kind: listing.kind }, "what is visible is not known");
    if (filter) return textOf(filter.shape, listing);
    const failure = GovernanceError.from(error);
    if (failure.code !== "policy.unavailable" || onPolicyFailure() === "closed") throw failure;
    return listing.text;
  }

  /** One question at a time, unless what it is about has changed since. */
  #answerFor(known: Known, session: Session, listing: Listing): Promise<Filter> {
    const revision = this.#revision;
    const { question: open } = known;
    if (open?.listing === listing && open.revision === revision) return open.answer;
    const question: Question = { listing, revision, answer: this.#ask(session, listing) };
    known.question = question;
    const settle = (filter?: Filter) => {
      if (known.question !== question) return;
      delete known.question;
      if (filter) known.filter = filter;
    };
    question.answer.then(settle, () => settle());
    return question.answer;
  }

  async #ask(session: Session, listing: Listing): Promise<Filter> {
    for (let tries = 1; ; tries += 1) {
      const { revision, hidden } = await this.#options.decisionPoint.visible(queryOf(session, listing));
      if (this.#isInForce(revision) || tries === TRIES) return { shape: this.#shapeOf(listing, hidden), revision };
      await delay(ASK_AGAIN_MS);
    }
  }

  #isInForce(revision: string): boolean {
    return this.#revision === undefined || this.#revision === revision;
  }

  #knownBy(key: string): Known {
    const known = this.#known.get(key) ?? {};
    // The order of the map is that of use.
    this.#known.delete(key);
    this.#known.set(key, known);
    const [oldest] = this.#known.keys();
    if (this.#known.size > (this.#options.max ?? MAX_KNOWN) && oldest !== undefined) this.#known.delete(oldest);
    return known;
  }

  #numberOf(view: View): number {
    const number = this.#views.get(view) ?? nextView++;
    this.#views.set(view, number);
    return number;
  }
}

/** Views are told apart by number, so that nothing here keeps one alive. */
let nextView = 0;

function askerOf({ state: { principal, roles, client } }: Session): string {
  return JSON.stringify([principal, roles, client?.name, client?.version]);
}

function queryOf({ state: { principal, roles, client } }: Session, { kind, entries }: Listing): VisibilityQuery {
  const method = methods[kind];
  const items = entries.map(({ upstream, item }) => {
    const { annotations } = item.value;
    return {
      server: upstream.server.name,
      method,
      target: item.key,
      ...(isObject(annotations) && { annotations }),
    };
  });
  return { principal, roles: [...roles], client, items };
}

function createShapes() {
  const shapes = new WeakMap<Listing, Map<string, Shape>>();
  return (listing: Listing, hidden: readonly number[]): Shape => {
    const ofListing = shapes.get(listing) ?? new Map<string, Shape>();
    shapes.set(listing, ofListing);
    const key = hidden.join();
    const shape = ofListing.get(key) ?? without(listing, new Set(hidden));
    ofListing.set(key, shape);
    return shape;
  };
}

function without(listing: Listing, hidden: ReadonlySet<number>): Shape {
  const shown = listing.entries.filter((_, index) => !hidden.has(index));
  const text = shown.length === listing.entries.length ? listing.text : listText(listing.kind, shown);
  return { listing, text, visible: new Set(shown.map(identityOf)) };
}

/** The text, or, of another state of the catalogue, what was already known to be visible. */
function textOf({ listing, text, visible }: Shape, current: Listing): string {
  if (listing === current) return text;
  return listText(
    current.kind,
    current.entries.filter((entry) => visible.has(identityOf(entry))),
  );
}

function identityOf({ upstream, item }: Entry): string {
  return JSON.stringify([upstream.server.name, item.key]);
}
