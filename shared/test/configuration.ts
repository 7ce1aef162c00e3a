import { type CheckOptions, type CheckResult, checkConfiguration } from "../src/configuration/index.ts";

/** A stdio server that nothing is wrong with, except what is given. */
export function aServer(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return { transport: "stdio", command: "node", ...changes };
}

/** A configuration file of these servers. */
export function aFile(mcpServers: Record<string, unknown>, governance: Record<string, unknown> = {}): object {
  return { governance, mcpServers };
}

export function check(file: object, options: Partial<CheckOptions> = {}): CheckResult {
  return checkConfiguration(JSON.stringify(file, null, 2), { env: {}, scope: "all", ...options });
}

/** The problems of a file, each as `path: message`. */
export function problemsOf(file: object, options: Partial<CheckOptions> = {}): string[] {
  return check(file, options).problems.map(({ path, message }) => `${path}: ${message}`);
}

/** A pattern pack that nothing is wrong with, except what is given. */
export function aPack(changes: Record<string, unknown> = {}): Record<string, unknown> {
  const patterns = [{ id: "bluebird", pattern: "project\\s+bluebird" }];
  return { name: "own", description: "", patterns, attacks: [], lookalikes: [], ...changes };
}
