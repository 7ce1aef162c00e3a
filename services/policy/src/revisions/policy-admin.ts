import {
  type DecisionRequest,
  GovernanceError,
  type PolicyAdmin,
  type PolicyQuestion,
  type PolicyScope,
} from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { nameOf, type Revision } from "../revision-store.ts";
import { changesBetween } from "./diff.ts";
import { type Draft, type Ledger, type LedgerOptions, trialName } from "./ledger.ts";
import { edited, type PolicyState, reset, rolledBack, tried } from "./policy-state.ts";
import { checkSettings, formatted, invalid } from "./problems.ts";
import { readable } from "./revision-text.ts";
import { type Settings, scopeName } from "./scopes.ts";

/** Which rules are looked at for a call and why it comes out so; takes no permits. */
export type Explain<Policies> = (
  policies: Policies,
  request: DecisionRequest,
  facts: { at: Date; labels: readonly string[] },
) => unknown;

interface PolicyAdminOptions<Policies> extends LedgerOptions<Policies> {
  ledger: Ledger<Policies>;
  explain: Explain<Policies>;
  /** What the configuration file says. */
  file(): PolicyDocument;
}

type Ask = PolicyQuestion["ask"];
type Question<A extends Ask> = Extract<PolicyQuestion, { ask: A }>;
type Change = Question<"edit" | "reset" | "rollback" | "candidate">;

/** Answers questions about revisions of the policy, and makes new ones. */
export function createPolicyAdmin<Policies>(options: PolicyAdminOptions<Policies>): PolicyAdmin {
  const { ledger, store, problems, file } = options;

  const current = (): Revision => {
    const revision = ledger.inForce?.revision;
    if (!revision) throw noPolicy();
    return revision;
  };
  const revisionOf = async (number: number): Promise<Revision> => {
    const revision = await store.get(number);
    if (!revision) throw new GovernanceError("policy.unknown", `no revision ${number} is kept`);
    return revision;
  };
  const change = async (question: Change, make: (base: Revision) => PolicyState | Promise<PolicyState>) =>
    view(await ledger.change(async (base) => draft(question, base, make)), ledger.problem);

  const answers: { [A in Ask]: (question: Question<A>) => unknown } = {
    current: () => view(current(), ledger.problem),
    revisions: async ({ limit }) => (await store.list(limit)).map(summary),
    revision: async ({ number }) => view(await revisionOf(number), undefined),
    diff: async ({ from, to }) => {
      const [before, after] = [await revisionOf(from), await revisionOf(to)];
      return { from: nameOf(before), to: nameOf(after), changes: changesBetween(before, after) };
    },
    validate: (question) => validate(current(), question, problems),
    edit: (question) => change(question, (base) => edited(base, ...settingsIn(question))),
    reset: (question) => change(question, (base) => reset(base, scopeName(question.scope), file())),
    rollback: (question) =>
      change(question, async (base) => rolledBack(base, readable(await revisionOf(base.number - 1)))),
    candidate: (question) => {
      const { scope, settings } = question;
      if (!settings) return change(question, (base) => ({ ...base, candidate: null }));
      return change(question, (base) => tried(base, ...settingsIn({ scope, settings })));
    },
    explain: (question) => explain(options, question, revisionOf),
  };

  return {
    async ask(question) {
      // What was changed on another replica a moment ago is seen; while the store is away, what is in force answers.
      await ledger.catchUp().catch(unlessUnavailable);
      const answer = answers[question.ask] as (question: PolicyQuestion) => unknown;
      return await answer(question);
    },
  };
}

async function draft(
  { ask, who, why, expected }: Change,
  base: Revision | undefined,
  make: (base: Revision) => PolicyState | Promise<PolicyState>,
): Promise<Draft> {
  if (!base) throw new GovernanceError("policy.conflict", "the newest revision is of another version of the program");
  if (expected !== undefined && expected !== base.number) {
    throw new GovernanceError("policy.conflict", `revision ${base.number} is in force, not ${expected}`);
  }
  const { document, scopes, candidate } = await make(base);
  return { document, scopes, candidate, origin: ask, who, why };
}

/** Throws `policy.invalid` with everything that is wrong with the settings by themselves. */
function settingsIn({
  scope,
  settings,
}: {
  scope: PolicyScope;
  settings: Record<string, unknown>;
}): [string, Settings] {
  const name = scopeName(scope);
  const checked = checkSettings(name, settings);
  if ("problems" in checked) throw invalid(checked.problems);
  return [name, checked.settings];
}

function validate(
  base: Revision,
  { scope, settings }: Question<"validate">,
  problemsOf: LedgerOptions<unknown>["problems"],
): object {
  const name = scopeName(scope);
  const checked = checkSettings(name, settings);
  if ("problems" in checked) return { valid: false, problems: checked.problems.map(formatted), changes: [] };
  const next = edited(base, name, checked.settings);
  const problems = problemsOf(next.document).map(formatted);
  return { valid: problems.length === 0, problems, changes: changesBetween(base, next) };
}

async function explain<Policies>(
  { ledger, compile, explain, now }: PolicyAdminOptions<Policies>,
  { request, at, labels, number }: Question<"explain">,
  revisionOf: (number: number) => Promise<Revision>,
): Promise<unknown> {
  const facts = { at: at === undefined ? now() : new Date(at), labels };
  const inForce = ledger.inForce;
  if (!inForce) throw noPolicy();
  if (number === undefined || number === inForce.revision.number) {
    return explain(inForce.policies.active, request, facts);
  }
  const revision = readable(await revisionOf(number));
  return explain(compile(revision.document, nameOf(revision)), request, facts);
}

/** A revision as it is shown. */
function view(revision: Revision, problem: string | undefined): object {
  const { candidate } = revision;
  return {
    ...revision,
    revision: nameOf(revision),
    candidateRevision: candidate && trialName(candidate),
    problem: problem ?? null,
  };
}

/** A revision in a list: without its documents. */
function summary({ document: _, candidate, scopes: __, ...rest }: Revision): object {
  return { ...rest, revision: nameOf(rest), candidateRevision: candidate && trialName(candidate) };
}

function noPolicy(): GovernanceError {
  return new GovernanceError("policy.unavailable", "no policy is in force");
}

function unlessUnavailable(error: unknown): void {
  if (!(error instanceof GovernanceError) || error.code !== "policy.unavailable") throw error;
}
