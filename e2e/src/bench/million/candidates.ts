import { type EventBus, type Scope, serveHealth } from "@mcp-governance-bridge/shared";
import { missingServers, serversOf } from "../../system/servers.ts";
import { startRecord } from "../record/in-process.ts";
import { startTracker } from "../record/tracker.ts";

/** A record to fill by its bus and to ask by its API. */
export interface Candidate {
  bus: EventBus;
  /** Of the API. */
  url: string;
  /** What `audit verify` is told of it. */
  place: readonly string[];
  env: Readonly<Record<string, string>>;
}

export interface CandidateKind {
  name: string;
  /** What the environment lacks for it. */
  missing: readonly string[];
  start(scope: Scope): Promise<Candidate>;
}

/** Standalone's parts in this process, and a tracker on NATS and MongoDB. */
export function candidates(env: NodeJS.ProcessEnv): CandidateKind[] {
  return [
    {
      name: "standalone",
      missing: [],
      async start(scope) {
        const { folder, bus, api } = await startRecord(scope);
        const served = { checks: {}, host: "127.0.0.1", port: 0, otherwise: api.handle };
        const { port } = scope.use(await serveHealth(served));
        return { bus, url: `http://127.0.0.1:${port}`, place: ["--data", folder], env: {} };
      },
    },
    {
      name: "distributed",
      missing: missingServers(env),
      async start(scope) {
        const servers = serversOf(env);
        const { bus, url, database } = await startTracker(scope, servers);
        const place = ["--mongodb-uri", servers.mongodbUri];
        return { bus, url, place, env: { MONGODB_DATABASE: database } };
      },
    },
  ];
}
