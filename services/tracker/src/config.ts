import { LogLevel, Port, RedisUrl } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const DEFAULT_URI = "mongodb://localhost:27017";
const DEFAULT_DATABASE = "mcp_governance";

/** The environment of the tracker. */
export const Env = z.object({
  NATS_URL: z.string().default("nats://localhost:4222").describe("Address of the NATS server"),
  REDIS_URL: RedisUrl.default("redis://localhost:6379").describe(
    "Redis that the replicas share jobs by: reports, exports, alerts; redis+cluster:// for a cluster",
  ),
  JOBS_PREFIX: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected letters, digits, hyphens and underscores")
    .default("governance")
    .describe("What the keys of jobs begin with; trackers of one record share it"),
  AUDIT_KEY_FILE: z
    .string()
    .default(".data/audit/key.pem")
    .describe("Private key that signs the audit trail, PEM; made on the first start. Replicas share it"),
  MONGODB_URI: z
    .string()
    .regex(/^mongodb(\+srv)?:\/\//, "expected mongodb:// or mongodb+srv://")
    .optional()
    .describe(`Address of MongoDB; else \`mongodb_uri\` of the configuration file, else ${DEFAULT_URI}`),
  MONGODB_DATABASE: z
    .string()
    .optional()
    .describe(`Name of the database; else the one that the address names, else ${DEFAULT_DATABASE}`),
  GOVERNANCE_CONFIG: z
    .string()
    .optional()
    .describe(
      "Path of the configuration file, read for `mongodb_uri`, `retention`, `alerts` and `unknown_after_minutes`",
    ),
  API_HOST: z.string().default("127.0.0.1").describe("Address on which the governance API and health are served"),
  API_PORT: Port.default(8192).describe("Port on which the governance API and health are served"),
  ADMIN_TOKEN: z
    .string()
    .regex(/^\S{12,}$/, "expected at least 12 characters, without spaces")
    .optional()
    .describe("What whoever changes anything by the API must present as bearer token; without it nobody may"),
  REPLICAS: z.coerce.number().int().min(1).max(5).default(1).describe("Copies of the event stream in a NATS cluster"),
  LOG_LEVEL: LogLevel.default("info").describe("The least severe level that is logged"),
});

interface DatabaseSources {
  env: Pick<z.infer<typeof Env>, "MONGODB_URI" | "MONGODB_DATABASE">;
  /** What the configuration file says. */
  configured: string | undefined;
}

/** Where the record is: the environment wins over the configuration file, and a name over the address's path. */
export function databaseOf({ env, configured }: DatabaseSources): { uri: string; database: string } {
  const uri = env.MONGODB_URI ?? configured ?? DEFAULT_URI;
  return { uri, database: env.MONGODB_DATABASE ?? databaseIn(uri) ?? DEFAULT_DATABASE };
}

/** Hosts may be many, so that an address of MongoDB is not always a URL. */
function databaseIn(uri: string): string | undefined {
  const name = /^mongodb(?:\+srv)?:\/\/[^/]+\/([^?]+)/.exec(uri)?.[1];
  return name && decodeURIComponent(name);
}
