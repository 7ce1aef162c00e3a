import { type Closable, Scope } from "@mcp-governance-bridge/shared";
import { fixture, installedCommand } from "../paths.ts";
import { echo, type Settings } from "../system/configuration.ts";
import { startDistributed } from "../system/distributed.ts";
import { freePort } from "../system/ports.ts";
import { startProcess } from "../system/process.ts";
import { missingServers, notMeasured, serversOf } from "../system/servers.ts";
import { startStandalone } from "../system/standalone.ts";
import type { System } from "../system/system.ts";
import { answers, until } from "../system/until.ts";

/** Something that serves the echo tool over Streamable HTTP. */
export interface Target extends Closable {
  name: string;
  url: string;
  /** The name under which it publishes the echo tool. */
  tool: string;
  /** Whose memory is the target's, with all below them. */
  pids: readonly number[];
}

/** Every target that can run here, all started. What cannot run is said through `say`. */
export async function startTargets(say: (line: string) => void): Promise<Closable & { all: readonly Target[] }> {
  const scope = new Scope();
  const starts = [startDirect, startMcpProxy, startSupergateway, startOursStandalone];
  const missing = missingServers(process.env);
  if (missing.length === 0) starts.push(startOursDistributed);
  else say(notMeasured("ours, distributed", missing));
  try {
    const all: Target[] = [];
    for (const start of starts) all.push(scope.use(await start()));
    return { all, close: () => scope.close() };
  } catch (error) {
    await scope.close();
    throw error;
  }
}

const startDirect = (): Promise<Target> =>
  startOther("direct (node:http)", (port) => [process.execPath, fixture("echo-http"), String(port)]);

// Its event store keeps every answer for resumption and is switched off: without it, it is at its fastest.
const startMcpProxy = (): Promise<Target> =>
  startOther("mcp-proxy", (port) => [
    installedCommand("mcp-proxy"),
    ...["--port", String(port), "--host", "127.0.0.1", "--server", "stream", "--no-eventStore"],
    ...["--", process.execPath, fixture("echo-stdio")],
  ]);

const startSupergateway = (): Promise<Target> =>
  startOther("supergateway --stateful", (port) => [
    installedCommand("supergateway"),
    ...["--stdio", `${process.execPath} ${fixture("echo-stdio")}`],
    ...["--outputTransport", "streamableHttp", "--stateful", "--port", String(port), "--logLevel", "none"],
  ]);

async function startOther(name: string, commandLine: (port: number) => string[]): Promise<Target> {
  const port = await freePort();
  const [command = "", ...args] = commandLine(port);
  const started = startProcess({ name, command, args });
  const url = `http://127.0.0.1:${port}/mcp`;
  await until(() => answers(url), { what: `${name} answers` }).catch(async (error: unknown) => {
    await started.stop();
    throw new Error(`${String(error)}\n${started.output()}`);
  });
  return { name, url, tool: "echo", pids: [started.pid], close: () => started.stop() };
}

const settings: Settings = { servers: { echo: echo() } };

const startOursStandalone = async (): Promise<Target> => ours("ours, standalone", await startStandalone(settings));

const startOursDistributed = async (): Promise<Target> =>
  ours("ours, distributed", await startDistributed(settings, serversOf(process.env)));

function ours(name: string, system: System): Target {
  return { name, url: system.url(), tool: "echo_echo", pids: system.pids(), close: () => system.stop() };
}
