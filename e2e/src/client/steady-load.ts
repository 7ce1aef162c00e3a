import { textOf } from "./official.ts";

interface ToolCaller {
  callTool(params: { name: string; arguments: Record<string, unknown> }): Promise<unknown>;
}

/** What one call was answered, and when it began by the monotonic clock, in milliseconds. */
export interface Answered {
  text: string;
  began: number;
}

/** Calls one tool over and over until it is stopped, and keeps every answer. */
export interface SteadyLoad {
  /** Resolves with all answers once every call has ended; rejects when a call failed. */
  stop(): Promise<readonly Answered[]>;
}

/** Each client calls `tool` with this message, one call after another. */
export function startSteadyLoad(clients: readonly ToolCaller[], tool: string, message: string): SteadyLoad {
  const answers: Answered[] = [];
  let isStopped = false;
  const callers = clients.map(async (client) => {
    while (!isStopped) {
      const began = performance.now();
      const text = textOf(await client.callTool({ name: tool, arguments: { message } }));
      answers.push({ text, began });
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(callers);
      return answers;
    },
  };
}
