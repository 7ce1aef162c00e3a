import { openRaw } from "./raw.ts";

/** What became of one call, as its client saw it. */
export type Fate = "permitted" | "denied" | "failed";

/** Calls with a number each, so that each can be looked for in the record. */
export interface NumberedLoad {
  /** Resolves once every call has ended, with what each was answered. */
  stop(): Promise<ReadonlyMap<number, Fate>>;
}

/** So many clients call `tool` one call after another. */
export async function startNumberedLoad(url: string, tool: string, clients: number): Promise<NumberedLoad> {
  const fates = new Map<number, Fate>();
  const sessions = await Promise.all(Array.from({ length: clients }, () => openRaw(url)));
  let next = 0;
  let isStopped = false;
  const callers = sessions.map(async (session) => {
    while (!isStopped) {
      const number = next;
      next += 1;
      const answer = await session.call(tool, JSON.stringify({ message: `call ${number}.` })).catch(() => "");
      fates.set(number, fateOf(answer, number));
    }
  });
  return {
    async stop() {
      isStopped = true;
      await Promise.all(callers);
      return fates;
    },
  };
}

function fateOf(answer: string, number: number): Fate {
  if (answer.includes("Governance denied: ")) return "denied";
  return answer.includes(`"text":"call ${number}."`) ? "permitted" : "failed";
}
