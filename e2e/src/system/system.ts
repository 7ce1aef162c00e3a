import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Scope } from "@mcp-governance-bridge/shared";
import { aConfiguration, type Settings } from "./configuration.ts";
import { freePort } from "./ports.ts";
import { type Service, type ServiceOptions, startService } from "./service.ts";
import { until } from "./until.ts";

/** A running product with a configuration and a data folder of its own. */
export interface System {
  basePort: number;
  configFile: string;
  /** The MCP endpoint of a listener; of the base port where none is named. */
  url(port?: number): string;
  /** By name: `standalone`, or `gateway`, `policy` and `tracker`. */
  service(name: string): Service;
  pids(): number[];
  /** All that its processes wrote. */
  output(): string;
  /** Resolves when every process is gone and nothing is left on disk or in a database. */
  stop(): Promise<void>;
}

/** What a kind of system needs to know to say which processes it is made of. */
export interface Ground {
  folder: string;
  basePort: number;
  configFile: string;
  /** Closed with the system. */
  scope: Scope;
}

/** Says which processes make up a system, in the order in which they start. */
export type Plan = (ground: Ground) => Promise<readonly ServiceOptions[]>;

/** Starts the planned processes one after another; when one fails, stops those before it and rejects with its output. */
export async function startSystem(settings: Settings, plan: Plan): Promise<System> {
  const scope = new Scope();
  const services = new Map<string, Service>();
  try {
    const folder = await mkdtemp(join(tmpdir(), "bridge-e2e-"));
    scope.use({ close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) });
    const basePort = Number(settings.governance?.base_port ?? (await freePort()));
    const configFile = await aConfiguration(folder, basePort, settings);
    for (const options of await plan({ folder, basePort, configFile, scope })) {
      const service = await startService(options);
      scope.use({ close: () => service.process().stop() });
      services.set(options.command.name, service);
    }
    await upstreamsHaveSettled(basePort);
    return asSystem({ basePort, configFile }, services, scope);
  } catch (error) {
    await scope.close();
    throw error;
  }
}

/** Readiness does not wait for upstreams, but tests call them at once. */
async function upstreamsHaveSettled(port: number): Promise<void> {
  const settled = async (): Promise<boolean> => {
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const { upstreams } = (await response.json()) as { upstreams: Record<string, { state: string }> };
    return Object.values(upstreams).every(({ state }) => state !== "starting");
  };
  await until(settled, { what: "every upstream is connected or has failed once" });
}

function asSystem(
  { basePort, configFile }: Pick<System, "basePort" | "configFile">,
  services: ReadonlyMap<string, Service>,
  scope: Scope,
): System {
  const all = [...services.values()];
  return {
    basePort,
    configFile,
    url: (port = basePort) => `http://127.0.0.1:${port}/mcp`,
    service: (name) => {
      const service = services.get(name);
      if (!service) throw new Error(`this system has no service ${name}`);
      return service;
    },
    pids: () => all.map((service) => service.process().pid),
    output: () => [...services].map(([name, service]) => `=== ${name} ===\n${service.output()}`).join("\n"),
    stop: () => scope.close(),
  };
}
