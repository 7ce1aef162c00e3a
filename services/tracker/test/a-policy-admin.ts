import { GovernanceError, type PolicyAdmin, PolicyQuestion } from "@mcp-governance-bridge/shared";

type Ask = PolicyQuestion["ask"];
type Answer = (question: never) => unknown;

/** Keeps what it was asked, refuses what is no question, and answers as told. */
export function aPolicyAdmin(answers: Partial<Record<Ask, Answer>> = {}) {
  const asked: PolicyQuestion[] = [];
  const policy: PolicyAdmin = {
    async ask(question) {
      const parsed = PolicyQuestion.parse(JSON.parse(JSON.stringify(question)));
      asked.push(parsed);
      const answer = answers[parsed.ask];
      return answer ? answer(parsed as never) : { answered: parsed.ask };
    },
  };
  return { asked, policy };
}

/** The policy service is away. */
export const noPolicy: PolicyAdmin = {
  ask: async () => {
    throw new GovernanceError("policy.unavailable", "the policy service is not running");
  },
};
