import type { Closable } from "@mcp-governance-bridge/shared";

/** Does the work now and again `everyMs` after each time it has ended. It must not reject. Does not keep the process alive. */
export function poll(everyMs: number, work: () => Promise<void>): Closable {
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const round = async (): Promise<void> => {
    await work();
    if (!isClosed) timer = setTimeout(() => void round(), everyMs).unref();
  };
  void round();
  return {
    async close() {
      isClosed = true;
      clearTimeout(timer);
    },
  };
}
