import type { Log } from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { Tinypool } from "tinypool";
import type { Policies } from "../compile-policies.ts";
import type { LargeTask, Preparation } from "../large/evaluation-worker.ts";
import { type LargeEvaluation, type LargeEvaluator, UncheckedArguments } from "../large/large-evaluator.ts";

export interface WorkerEvaluatorOptions {
  log: Log;
  /** Milliseconds that a call may wait and be evaluated; then it is given up, and the thread begins anew. */
  limitMs?: number;
  /** Calls that may wait. */
  queue?: number;
  /** What the thread runs, and with which options of Node; for tests, which have no built file. */
  worker?: { filename: string; execArgv: string[] };
}

type Question = Parameters<LargeEvaluator["evaluate"]>;

const WORKER = new URL("../large/evaluation-worker.js", import.meta.url).href;

/** One thread for all large calls: they may delay one another, and nobody else. Runs the built file. */
export function createWorkerEvaluator(options: WorkerEvaluatorOptions): LargeEvaluator {
  const { log, limitMs = 900, queue = 8, worker = { filename: WORKER } } = options;
  const documents = new WeakMap<Policies, PolicyDocument>();
  let isClosed = false;
  const pool = new Tinypool({ minThreads: 1, maxThreads: 1, maxQueue: queue, useAtomics: false, ...worker });
  pool.on("error", (error) => log.error({ err: error }, "the thread for large calls failed"));

  async function tellPolicies(policies: Policies, signal: AbortSignal | null): Promise<void> {
    const document = documents.get(policies);
    if (!document) throw new Error(`policies ${policies.revision} were never prepared`);
    const task: Preparation = { revision: policies.revision, document };
    await pool.run(task, { name: "prepare", signal });
  }

  /** So that the next large call need not wait for it. */
  function getReady(policies: Policies): void {
    tellPolicies(policies, null).catch((error: unknown) => {
      if (!isClosed) log.warn({ err: error }, "large calls will have to wait for their policies");
    });
  }

  async function evaluate(question: Question, signal: AbortSignal): Promise<LargeEvaluation> {
    const [policies] = question;
    const run = (): Promise<LargeEvaluation | undefined> =>
      pool.run(taskOf(...question), { name: "evaluateLarge", signal });
    const first = await run();
    if (first) return first;
    // The thread is another one meanwhile, or has forgotten them for later policies.
    await tellPolicies(policies, signal);
    const second = await run();
    if (!second) throw new Error("the thread forgets its policies");
    return second;
  }

  return {
    prepare(policies, document) {
      documents.set(policies, document);
      getReady(policies);
    },
    async evaluate(...question) {
      const signal = AbortSignal.timeout(limitMs);
      const [policies, { callId }] = question;
      try {
        return await evaluate(question, signal);
      } catch (cause) {
        const problem = problemOf(signal, limitMs);
        log.warn({ err: cause, callId }, `large arguments cannot be checked: ${problem}`);
        if (signal.aborted) getReady(policies);
        throw new UncheckedArguments(problem, { cause });
      }
    },
    async close() {
      isClosed = true;
      await pool.destroy();
    },
  };
}

/** The arguments go as text. Of bytes the thread gets a copy of their own: those given may be a part of something larger. */
function taskOf(...[{ revision }, { argumentsText, arguments: _, ...request }, facts]: Question): LargeTask {
  const text = typeof argumentsText === "string" ? argumentsText : Uint8Array.from(argumentsText);
  return { revision, request: { ...request, arguments: undefined }, argumentsText: text, facts };
}

function problemOf({ aborted }: AbortSignal, limitMs: number): string {
  return aborted ? `that took more than ${limitMs} ms` : "too many large calls wait, or these are no JSON";
}
