import { canonicalJson, type EventPublisher, GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import { type PolicyDocument, type ProblemsOf, revisionOf } from "@mcp-governance-bridge/shared/configuration";
import { nameOf, type Revision, type RevisionStore } from "../revision-store.ts";
import { policyChanged } from "./policy-changed.ts";
import { isSameState, type PolicyState } from "./policy-state.ts";
import { assertUsable } from "./problems.ts";
import { readable } from "./revision-text.ts";

export interface LedgerOptions<Policies> {
  store: RevisionStore;
  /** Turns a document that has no problems into what decides; `name` is how decisions call it. */
  compile: (document: PolicyDocument, name: string) => Policies;
  problems: ProblemsOf;
  publisher: Pick<EventPublisher, "tell">;
  log: Log;
  now: () => Date;
}

/** What decides at this moment: never changed, only replaced as a whole. */
export interface InForce<Policies> {
  revision: Revision;
  policies: { active: Policies; candidate: Policies | undefined };
}

/** A change somebody wants, on top of the newest revision. */
export type Draft = PolicyState & Pick<Revision, "origin" | "who" | "why">;
type MakeDraft = (base: Revision | undefined) => Draft | Promise<Draft>;

const ATTEMPTS = 20;

/** The chain of revisions as this replica follows and continues it, one step at a time. */
export class Ledger<Policies> {
  readonly #options: LedgerOptions<Policies>;
  readonly #onChange: (name: string) => void;
  #inForce: InForce<Policies> | undefined;
  /** A newer revision that another version of the program made and this one cannot follow. */
  #unreadable: Revision | undefined;
  /** Sent to the store, which has not answered: should it turn out to be kept, its event is still to be told. */
  #unconfirmed: Revision | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(options: LedgerOptions<Policies>, onChange: (name: string) => void) {
    this.#options = options;
    this.#onChange = onChange;
  }

  /** Undefined until the first revision was adopted or appended. */
  get inForce(): InForce<Policies> | undefined {
    return this.#inForce;
  }

  /** Why this replica does not follow the newest revision; undefined where it does. */
  get problem(): string | undefined {
    return this.#unreadable && `revision ${nameOf(this.#unreadable)} is of a version that this one cannot follow`;
  }

  /** Adopts the newest revision of the store. Rejects while the store is away. */
  catchUp(): Promise<void> {
    return this.#inTurn(() => this.#followStore());
  }

  /** Adopts a revision, unless it is older than the one in force. */
  adopt(revision: Revision): Promise<void> {
    return this.#inTurn(async () => this.#follow(revision));
  }

  /** Tells again what the newest revision changed: whoever appended it may have ended before the event was kept. */
  async retell(): Promise<void> {
    const revision = this.#inForce?.revision;
    if (revision) this.#tell(await this.#options.store.get(revision.number - 1), revision);
  }

  /**
   * Appends what `makeDraft` makes of the newest revision and puts it in force; where that is in force already, nothing is
   * appended. Rejects with what `makeDraft` throws, `policy.invalid`, `policy.conflict`, or while the store is away.
   */
  change(makeDraft: MakeDraft): Promise<Revision> {
    return this.#inTurn(async () => {
      for (let attempts = 0; attempts < ATTEMPTS; attempts++) {
        const revision = await this.#attempt(makeDraft);
        if (revision) return revision;
      }
      throw new GovernanceError("policy.conflict", "others change the policy all the time; nothing was done");
    });
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }

  async #followStore(): Promise<void> {
    const { store } = this.#options;
    const latest = await store.latest();
    if (latest) this.#follow(latest);
    const own = this.#inForce?.revision;
    // A store that has lost its history is given back what is in force, so that edits outlive it.
    if (own && !this.#unreadable && own.number > (latest?.number ?? 0)) await store.append(own);
  }

  #follow(revision: Revision): void {
    if (revision.number <= this.#newest) return;
    const before = this.#inForce?.revision;
    try {
      this.#activate(this.#compiled(readable(revision)));
    } catch (error) {
      this.#unreadable = revision;
      this.#options.log.error({ err: error, inForce: before && nameOf(before) }, this.problem);
      return;
    }
    if (this.#unconfirmed && canonicalJson(this.#unconfirmed) === canonicalJson(revision)) this.#tell(before, revision);
  }

  async #attempt(makeDraft: MakeDraft): Promise<Revision | undefined> {
    await this.#followStore();
    const base = this.#base();
    const { document, scopes, candidate, ...change } = await makeDraft(base);
    const state = { document, scopes, candidate };
    if (base && isSameState(base, state)) return base;
    assertUsable(state, this.#options.problems);
    const { now, store } = this.#options;
    const number = this.#newest + 1;
    const revision = { number, hash: revisionOf(document), at: now().toISOString(), ...change, ...state };
    const next = this.#compiled(revision);
    this.#unconfirmed = revision;
    const isAppended = await store.append(revision);
    this.#unconfirmed = undefined;
    if (!isAppended) return undefined;
    this.#activate(next);
    this.#tell(base, revision);
    return revision;
  }

  /** What a change starts from: nothing where the newest revision cannot be read and only repeats what some file says. */
  #base(): Revision | undefined {
    if (!this.#unreadable) return this.#inForce?.revision;
    const holdsEdits = Object.values(this.#unreadable.scopes).some(({ origin }) => origin === "edit");
    if (holdsEdits) throw new GovernanceError("policy.conflict", `${this.problem}, and holds edits: nothing was done`);
    return undefined;
  }

  get #newest(): number {
    return this.#unreadable?.number ?? this.#inForce?.revision.number ?? 0;
  }

  #compiled(revision: Revision): InForce<Policies> {
    const { document, candidate } = revision;
    const { compile } = this.#options;
    const active = compile(document, nameOf(revision));
    return {
      revision,
      policies: { active, candidate: candidate ? compile(candidate, trialName(candidate)) : undefined },
    };
  }

  #activate(next: InForce<Policies>): void {
    this.#inForce = next;
    this.#unreadable = undefined;
    const { origin, who, why } = next.revision;
    const revision = nameOf(next.revision);
    this.#options.log.info({ revision, origin, who, why }, "a revision of the policy is in force");
    this.#onChange(revision);
  }

  #tell(before: Revision | undefined, revision: Revision): void {
    this.#options.publisher.tell("governance.policy.changed", policyChanged(before, revision));
  }
}

/** How would-be denials name a document on trial: equal for equal documents. */
export function trialName(candidate: PolicyDocument): string {
  return `candidate-${revisionOf(candidate)}`;
}
