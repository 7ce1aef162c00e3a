import type { Log } from "./log.ts";

/** Anything that is opened and must be closed. `close` may be called twice and resolves when all is given back. */
export interface Closable {
  close(): Promise<void>;
}

/** What a service opened, closed in reverse order. Every close runs, even after one fails. */
export class Scope implements Closable {
  readonly #opened: Closable[] = [];
  #closing: Promise<void> | undefined;

  use<T extends Closable>(resource: T): T {
    this.#opened.push(resource);
    return resource;
  }

  close(): Promise<void> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<void> {
    const failures: unknown[] = [];
    for (const resource of this.#opened.toReversed()) {
      await resource.close().catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw new AggregateError(failures, "shutdown was not clean");
  }
}

/** A start that cannot succeed because of what the operator gave it. The text is for them; no stack helps. */
export class StartupError extends Error {
  override readonly name = "StartupError";
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

const GRACE_MS = 10_000;

/**
 * Starts a service, then stops it on the first signal or uncaught failure; a second signal or the deadline kills it.
 * Exit status: 0 after a clean stop, 2 for bad configuration, 1 for anything else.
 */
export async function runService(log: Log, start: (scope: Scope) => Promise<void>): Promise<void> {
  const scope = new Scope();
  let stopping = false;

  const stop = async (reason: string, exitCode: number): Promise<void> => {
    if (stopping) process.exit(1);
    stopping = true;
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    log.info({ reason }, "stopping");
    const clean = await scope.close().then(
      () => true,
      (error: unknown) => {
        log.error({ err: error }, "shutdown failed");
        return false;
      },
    );
    log.info("stopped");
    log.flush();
    process.exit(clean ? exitCode : 1);
  };

  process.on("SIGTERM", () => void stop("SIGTERM", 0));
  process.on("SIGINT", () => void stop("SIGINT", 0));
  process.on("uncaughtException", (error) => {
    log.fatal({ err: error }, "uncaught exception");
    void stop("uncaught exception", 1);
  });

  try {
    await start(scope);
  } catch (error) {
    if (error instanceof StartupError) process.stderr.write(`${error.message}\n`);
    else log.fatal({ err: error }, "could not start");
    await stop("startup failure", error instanceof StartupError ? error.exitCode : 1);
  }
}
