import { GovernanceError } from "../errors.ts";

/** The failure of every publish whose event could not be kept. */
export function unavailable(problem: string, cause?: unknown): GovernanceError {
  return new GovernanceError("audit.unavailable", problem, { cause });
}
