import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Closable, Scope } from "@mcp-governance-bridge/shared";
import { root, serviceMain } from "../paths.ts";
import { freePort } from "../system/ports.ts";
import { startService } from "../system/service.ts";
import { until } from "../system/until.ts";

/** Servers of the example configuration, which the demo calls. */
const NEEDED = ["everything", "files", "memory", "night-shift"];
const USUAL_URL = "http://127.0.0.1:8173";
const EXAMPLE = join(root, "config/mcp_governance_config.json");

/** The gateway that the demo calls. */
export interface DemoGateway extends Closable {
  baseUrl: string;
}

/** The gateway on its usual port when it governs the example's servers; else one of our own, on data that go with it. */
export async function findOrStartGateway(say: (line: string) => void): Promise<DemoGateway> {
  const found = await connectedServers(USUAL_URL);
  if (NEEDED.every((name) => found.includes(name))) {
    say(`Using the gateway that runs at ${USUAL_URL}.`);
    return { baseUrl: USUAL_URL, close: async () => undefined };
  }
  if (found.length > 0) say(`The gateway at ${USUAL_URL} governs other servers than the example's.`);
  const gateway = await startGateway();
  say(`Started a gateway at ${gateway.baseUrl} with config/mcp_governance_config.json.`);
  return gateway;
}

async function startGateway(): Promise<DemoGateway> {
  const scope = new Scope();
  const folder = await mkdtemp(join(tmpdir(), "bridge-demo-"));
  scope.use({ close: () => rm(folder, { recursive: true, force: true, maxRetries: 3 }) });
  try {
    const port = await freePort();
    const config = join(folder, "mcp_governance_config.json");
    await writeFile(config, await exampleOn(port));
    const baseUrl = `http://127.0.0.1:${port}`;
    const service = await startService({
      command: {
        name: "gateway",
        command: process.execPath,
        args: [serviceMain("standalone"), "--config", config, "--data", join(folder, "data")],
        // The example names its upstreams' programs relative to the repository.
        cwd: root,
      },
      readyUrl: `${baseUrl}/readyz`,
    });
    scope.use({ close: () => service.process().stop() });
    const allConnected = async () => (await connectedServers(baseUrl)).length >= NEEDED.length;
    await until(allConnected, { what: "the example's servers are connected" });
    return { baseUrl, close: () => scope.close() };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

async function exampleOn(port: number): Promise<string> {
  const example = JSON.parse(await readFile(EXAMPLE, "utf8")) as { $schema?: string; governance: object };
  const { $schema: _, ...settings } = example;
  return JSON.stringify({ ...settings, governance: { ...settings.governance, base_port: port } });
}

/** The names of the servers that are connected there; none when no gateway answers. */
async function connectedServers(baseUrl: string): Promise<string[]> {
  try {
    const response = await fetch(baseUrl, { signal: AbortSignal.timeout(2_000) });
    const { upstreams = {} } = (await response.json()) as { upstreams?: Record<string, { state: string }> };
    return Object.keys(upstreams).filter((name) => upstreams[name]?.state === "connected");
  } catch {
    return [];
  }
}
