import type { GovernanceError } from "../../errors.ts";
import { unavailable } from "../unavailable.ts";

/** Publishes that wait for their acknowledgement. */
export interface Waiting {
  add(): { token: string; settled: Promise<void> };
  /** Resolves the one behind the token, or rejects it where there is a problem. */
  settle(token: string, problem: string | undefined): void;
  /** Rejects all. */
  fail(problem: string): void;
  close(): void;
}

interface Sender {
  resolve(): void;
  reject(error: GovernanceError): void;
  deadline: number;
}

/** One timer for all deadlines, a tenth of `timeoutMs` apart. */
export function createWaiting(timeoutMs: number): Waiting {
  const senders = new Map<string, Sender>();
  let serial = 0;

  const sweep = setInterval(() => {
    const now = performance.now();
    // Insertion order is deadline order.
    for (const [token, { deadline }] of senders) {
      if (deadline > now) return;
      settle(token, `JetStream did not acknowledge the event in ${timeoutMs} ms`);
    }
  }, timeoutMs / 10);
  sweep.unref();

  function settle(token: string, problem: string | undefined): void {
    const sender = senders.get(token);
    senders.delete(token);
    if (problem === undefined) sender?.resolve();
    else sender?.reject(unavailable(problem));
  }

  return {
    add() {
      const token = (++serial).toString(36);
      const settled = new Promise<void>((resolve, reject) => {
        senders.set(token, { resolve, reject, deadline: performance.now() + timeoutMs });
      });
      return { token, settled };
    },
    settle,
    fail(problem) {
      for (const token of [...senders.keys()]) settle(token, problem);
    },
    close: () => clearInterval(sweep),
  };
}
