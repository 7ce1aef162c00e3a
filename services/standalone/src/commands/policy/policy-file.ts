import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { compilePolicies, type Policies, policyProblems } from "@mcp-governance-bridge/policy";
import {
  DEFAULT_CONFIGURATION_FILE,
  loadConfigurationFile,
  type PolicyDocument,
  readDotEnv,
} from "@mcp-governance-bridge/shared/configuration";
import type { Terminal } from "../command.ts";

/** The rules of a configuration file. */
export interface PolicyFile {
  /** As it was named. */
  name: string;
  document: PolicyDocument;
  policies: Policies;
}

/** Reads the rules of a file, or else of the one that `npm start` reads. Rejects with a StartupError that lists every problem. */
export async function readPolicyFile(given: string | undefined, terminal: Terminal): Promise<PolicyFile> {
  const { cwd, env } = terminal;
  const name = given ?? usualFile(cwd);
  const { policy } = await loadConfigurationFile(resolve(cwd, name), {
    env: readDotEnv(cwd, env),
    scope: "policy",
    problemsOf: policyProblems,
  });
  return { name, document: policy, policies: compilePolicies(policy, name) };
}

function usualFile(cwd: string): string {
  if (existsSync(resolve(cwd, DEFAULT_CONFIGURATION_FILE))) return DEFAULT_CONFIGURATION_FILE;
  return join("config", DEFAULT_CONFIGURATION_FILE);
}
