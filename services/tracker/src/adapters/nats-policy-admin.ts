import {
  type ErrorCode,
  errorTable,
  GovernanceError,
  type Log,
  type PolicyAdmin,
  PolicyAnswer,
} from "@mcp-governance-bridge/shared";
import { errors, type Msg, type NatsConnection } from "@nats-io/transport-node";

interface NatsPolicyAdminOptions {
  /** Stays the caller's to close. */
  connection: NatsConnection;
  log: Log;
  /** Milliseconds to wait for an answer: a policy may take a while to be compiled. */
  timeoutMs?: number;
  /** Another subject than `policy.admin`, where several systems share one NATS. */
  subject?: string;
}

/** Asks whichever replica of the policy service is free. */
export function createNatsPolicyAdmin(options: NatsPolicyAdminOptions): PolicyAdmin {
  const { connection, log, timeoutMs = 10_000, subject = "policy.admin" } = options;

  async function request(body: string): Promise<Msg> {
    try {
      return await connection.request(subject, body, { timeout: timeoutMs });
    } catch (cause) {
      throw new GovernanceError("policy.unavailable", `the policy service ${reasonOf(cause, timeoutMs)}`, { cause });
    }
  }

  return {
    async ask(question) {
      const reply = await request(JSON.stringify(question));
      const answer = parseAnswer(reply);
      if (!answer) {
        log.error({ ask: question.ask, reply: reply.string() }, "the policy service's answer cannot be read");
        throw new GovernanceError("policy.unavailable", "the policy service's answer cannot be read");
      }
      if (answer.ok) return answer.data;
      throw isErrorCode(answer.code)
        ? new GovernanceError(answer.code, answer.error)
        : new Error(`the policy service failed with ${answer.code}: ${answer.error}`);
    },
  };
}

function parseAnswer(reply: Msg): PolicyAnswer | undefined {
  try {
    return PolicyAnswer.safeParse(reply.json()).data;
  } catch {
    return undefined;
  }
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(errorTable, code);
}

function reasonOf(cause: unknown, timeoutMs: number): string {
  if (cause instanceof errors.InvalidArgumentError) return "cannot be asked: the question is too large for NATS";
  if (cause instanceof errors.NoRespondersError) return "is not running";
  if (cause instanceof errors.RequestError && cause.isNoResponders()) return "is not running";
  if (cause instanceof errors.TimeoutError) return `gave no answer in ${timeoutMs} ms; a change may have been made`;
  return `cannot be reached: ${cause instanceof Error ? cause.message : String(cause)}`;
}
