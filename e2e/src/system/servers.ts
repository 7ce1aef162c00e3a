/** Where the servers of the distributed set-up are. */
export interface Servers {
  natsUrl: string;
  redisUrl: string;
  mongodbUri: string;
}

const NAMES = ["NATS_URL", "REDIS_URL", "MONGODB_URI"] as const;

/** What the environment lacks for the distributed set-up. */
export function missingServers(env: NodeJS.ProcessEnv): string[] {
  return NAMES.filter((name) => !env[name]);
}

/** Said of what cannot be measured, where the environment lacks something. */
export function notMeasured(what: string, missing: readonly string[]): string {
  return `NOT MEASURED: ${what}. It needs ${missing.join(", ")} in the environment.`;
}

/** The servers that the environment names; throws with the names that are missing. */
export function serversOf(env: NodeJS.ProcessEnv): Servers {
  const missing = missingServers(env);
  if (missing.length > 0) throw new Error(`the distributed set-up needs ${missing.join(", ")}`);
  return { natsUrl: env.NATS_URL ?? "", redisUrl: env.REDIS_URL ?? "", mongodbUri: env.MONGODB_URI ?? "" };
}
