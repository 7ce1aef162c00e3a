import { type Command, type Started, startProcess } from "./process.ts";
import { answers, until } from "./until.ts";

/** One process of a system; after its end it can be started again with the same command. */
export interface Service {
  process(): Started;
  /** All that it wrote, in all its lives. */
  output(): string;
  /** Starts it anew and resolves when it is ready. */
  restart(): Promise<void>;
}

export interface ServiceOptions {
  command: Command;
  /** Answers 200 once the service is ready. */
  readyUrl: string;
}

const READY_MS = 30_000;

/** Resolves when the service is ready; rejects with its output when it ends instead, or takes too long. */
export async function startService({ command, readyUrl }: ServiceOptions): Promise<Service> {
  const lives: Started[] = [];
  const begin = async (): Promise<void> => {
    const life = startProcess(command);
    lives.push(life);
    await until(() => isReady(life, readyUrl), { what: `${command.name} is ready`, withinMs: READY_MS }).catch(
      async (error: unknown) => {
        await life.stop();
        throw new Error(`${String(error)}\n${life.output()}`);
      },
    );
  };
  await begin();
  return {
    process: () => lives.at(-1)!,
    output: () => lives.map((life) => life.output()).join("--- started again ---\n"),
    restart: begin,
  };
}

async function isReady(life: Started, readyUrl: string): Promise<boolean> {
  const status = life.ended();
  if (status !== null) throw new Error(`${life.name} ended with ${status}\n${life.output()}`);
  return answers(readyUrl, 200);
}
