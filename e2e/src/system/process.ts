import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface Command {
  name: string;
  command: string;
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  cwd?: string;
}

/** A process of a system under test. */
export interface Started {
  name: string;
  pid: number;
  /** All that it wrote, both streams, in order. */
  output(): string;
  /** Null while it runs, then the exit status or the signal that ended it. */
  ended(): number | string | null;
  kill(signal: NodeJS.Signals): void;
  /** Resolves when it is gone: SIGTERM first, SIGKILL to its whole group when that does not help. */
  stop(): Promise<void>;
}

const STOP_MS = 15_000;

/** Starts a process with nothing of our environment but what a program needs to run. */
export function startProcess({ name, command, args, env = {}, cwd }: Command): Started {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
    ...(cwd ? { cwd } : {}),
  });
  const written: string[] = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (t) => written.push(t));
  child.on("error", (error) => written.push(`${name} could not be started: ${error.message}\n`));

  const killGroup = (): void => signalTo(-(child.pid ?? 0), "SIGKILL");
  process.once("exit", killGroup);
  child.once("exit", () => process.removeListener("exit", killGroup));

  return {
    name,
    pid: child.pid ?? 0,
    output: () => written.join(""),
    ended: () => child.exitCode ?? child.signalCode,
    kill: (signal) => signalTo(child.pid ?? 0, signal),
    stop: () => stopChild(child, killGroup),
  };
}

async function stopChild(child: ChildProcess, killGroup: () => void): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, "exit");
  const timer = setTimeout(killGroup, STOP_MS);
  child.kill("SIGTERM");
  await gone;
  clearTimeout(timer);
}

function signalTo(pid: number, signal: NodeJS.Signals): void {
  if (pid === 0) return;
  try {
    process.kill(pid, signal);
  } catch {
    // It has gone already.
  }
}
