import { GovernanceError } from "@mcp-governance-bridge/shared";
import {
  type DocumentProblem,
  formatPath,
  type ProblemsOf,
  schemaFindings,
} from "@mcp-governance-bridge/shared/configuration";
import type { PolicyState } from "./policy-state.ts";
import { pathOf, type Settings, schemaOf } from "./scopes.ts";

const MAX_CHARACTERS = 4 * 2 ** 20;

/** Throws `policy.invalid` with every problem, one a line, of the document and of the one on trial. */
export function assertUsable({ document, candidate }: PolicyState, problemsOf: ProblemsOf): void {
  const problems = [...problemsOf(document), ...(candidate ? problemsOf(candidate) : [])];
  if (problems.length > 0) throw invalid(problems);
  const size = JSON.stringify([document, candidate]).length;
  if (size > MAX_CHARACTERS) {
    throw new GovernanceError("policy.invalid", `the policy is too large: ${size} of ${MAX_CHARACTERS} characters`);
  }
}

/** What somebody gives as the settings of a scope, completed with defaults, or everything that is wrong with it. */
export function checkSettings(
  scope: string,
  given: Readonly<Record<string, unknown>>,
): { settings: Settings } | { problems: DocumentProblem[] } {
  const schema = schemaOf(scope);
  const result = schema.safeParse(given);
  if (result.success) return { settings: result.data };
  const findings = schemaFindings(schema, undefined, given);
  return { problems: findings.map(({ path, message }) => ({ path: [...pathOf(scope), ...path], message })) };
}

/** One failure for all problems: `servers.weather.policies[0].when: message`, one a line. */
export function invalid(problems: readonly DocumentProblem[]): GovernanceError {
  return new GovernanceError("policy.invalid", [...new Set(problems.map(formatted))].join("\n"));
}

/** A problem as one line. */
export function formatted({ path, message }: DocumentProblem): string {
  return `${formatPath(path)}: ${message}`;
}
