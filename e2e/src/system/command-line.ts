import { execFile } from "node:child_process";
import { join } from "node:path";
import { root } from "../paths.ts";

/** How a command came out. */
export interface CommandResult {
  status: number;
  out: string;
  err: string;
}

const MAX_OUTPUT = 64 * 2 ** 20;

/** Runs `npm run bridge -- …` without the npm, on the environment and these variables. */
export function runBridge(args: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const main = join(root, "services/standalone/dist/cli.js");
  const options = { env: { ...process.env, ...env }, maxBuffer: MAX_OUTPUT };
  return new Promise((resolve, reject) => {
    const child = execFile(process.execPath, [main, ...args], options, (error, out, err) => {
      if (child.exitCode === null) reject(error);
      else resolve({ status: child.exitCode, out, err });
    });
  });
}
