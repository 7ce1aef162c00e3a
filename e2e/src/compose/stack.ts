import { execFile } from "node:child_process";
import { join } from "node:path";
import { promisify } from "node:util";
import { ADMIN_TOKEN } from "../client/policies.ts";
import { root } from "../paths.ts";

const run = promisify(execFile);

/** What `docker inspect` says of a container, as far as the tests look. */
export interface Container {
  Id: string;
  Config: { User: string; Labels: Record<string, string> };
  HostConfig: { ReadonlyRootfs: boolean; CapDrop: string[] | null; SecurityOpt: string[] | null; Memory: number };
  NetworkSettings: { Ports: Record<string, { HostIp: string; HostPort: string }[] | null> };
}

/** The whole system under Docker Compose, as a project of its own beside whatever else runs. */
export interface Stack {
  /** Address of the balancer for one of the ports 8173 to 8176. */
  url(port: number): string;
  /** The containers of a service, or of all of them. */
  containers(service?: string): Promise<Container[]>;
  /** Ends a container's processes at once, as a crash would. */
  kill(container: Container): Promise<void>;
  /** Starts what was killed, and resolves when every container is healthy. */
  revive(): Promise<void>;
  /** Evaluates a mongosh expression on the tracker's database, as the tracker's user, and returns its value. */
  inMongo(expression: string): Promise<unknown>;
  /** What `npm run bridge -- …` prints in a container of the service. */
  bridge(service: string, ...args: string[]): Promise<string>;
  /** The last lines that the containers wrote. */
  logs(): Promise<string>;
  stop(): Promise<void>;
}

const FIRST_PORT = 8173;
const PORTS_SHIFT = 20_000;

/** Builds the images and starts the system with so many replicas; every container is healthy when this resolves. */
export async function startStack(replicas: Readonly<Record<string, number>>): Promise<Stack> {
  const first = FIRST_PORT + PORTS_SHIFT;
  // The addresses of other tests' servers are not meant for this system.
  const { MONGODB_URI: _uri, MONGODB_DATABASE: _database, ...inherited } = process.env;
  const env = {
    ...inherited,
    CONFIG_DIR: join(root, "e2e/src/compose/config"),
    GATEWAY_PORTS: `${first}-${first + 3}`,
    ADMIN_TOKEN,
  };
  const docker = async (...args: string[]): Promise<string> => {
    const { stdout } = await run("docker", args, { cwd: root, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout;
  };
  const compose = (...args: string[]): Promise<string> => docker("compose", "-p", "mcp-governance-e2e", ...args);

  const scale = Object.entries(replicas).flatMap(([service, count]) => ["--scale", `${service}=${count}`]);

  const stack: Stack = {
    url: (port) => `http://127.0.0.1:${port + PORTS_SHIFT}`,
    containers: async (service) => {
      const ids = (await compose("ps", "-q", ...(service ? [service] : []))).split("\n").filter((id) => id !== "");
      return JSON.parse(await docker("inspect", ...ids));
    },
    kill: async ({ Id }) => void (await docker("kill", "-s", "KILL", Id)),
    revive: async () => void (await compose("up", "--detach", "--no-recreate", "--wait", ...scale)),
    inMongo: async (expression) => {
      const login = "mongodb://tracker:tracker@127.0.0.1/mcp_governance?authSource=admin";
      const print = `print(EJSON.stringify(${expression}))`;
      return JSON.parse(await compose("exec", "-T", "mongo", "mongosh", "--quiet", login, "--eval", print));
    },
    bridge: (service, ...args) => compose("exec", "-T", service, "node", "services/standalone/dist/cli.js", ...args),
    logs: () => compose("logs", "--no-color", "--tail", "40"),
    stop: async () => void (await compose("down", "--volumes", "--timeout", "5")),
  };

  await stack.stop();
  try {
    await compose("up", "--detach", "--build", "--wait", ...scale);
  } catch (cause) {
    const logs = await stack.logs();
    await stack.stop();
    throw new Error(`the system did not start\n${logs}`, { cause });
  }
  return stack;
}
