import type { Log } from "../../log.ts";

export interface Breaker {
  /** Why nothing is tried at this moment. */
  readonly problem: string | undefined;
  /** Stops trying for a while; returns the problem as text. */
  trip(error: unknown): string;
  /** A try succeeded. */
  pass(): void;
}

export interface BreakerOptions {
  /** What is being tried, as problems and the log call it. */
  name: string;
  log: Log;
  retryMs: number;
  onRetry: () => void;
}

/** After a failure nothing is tried until `retryMs` have passed; the next try shows whether it helps. */
export function createBreaker(options: BreakerOptions): Breaker {
  const { name, log, retryMs, onRetry } = options;
  let problem: string | undefined;
  let failing = false;

  return {
    get problem() {
      return problem;
    },
    trip(error) {
      const text = `${name} cannot be written: ${error instanceof Error ? error.message : String(error)}`;
      problem = text;
      if (!failing) log.error({ err: error }, `${name} cannot be written`);
      failing = true;
      const timer = setTimeout(() => {
        problem = undefined;
        onRetry();
      }, retryMs);
      timer.unref();
      return text;
    },
    pass() {
      if (failing) log.info(`${name} can be written again`);
      failing = false;
    },
  };
}
