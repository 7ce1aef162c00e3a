import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { promisify } from "node:util";
import type { Closable } from "@mcp-governance-bridge/shared";
import { freePort } from "./ports.ts";

const run = promisify(execFile);

const docker = (...args: string[]) => run("docker", args);

/** A server of a test's own, that may be killed. */
export interface Container extends Closable {
  /** `host:port` of it; stays the same over its lives. */
  address: string;
  kill(): Promise<void>;
  start(): Promise<void>;
}

/** True when a Docker engine has these images already: nothing is fetched for a test. */
export async function hasImages(...names: readonly string[]): Promise<boolean> {
  return docker("image", "inspect", ...names).then(
    () => true,
    () => false,
  );
}

export interface Image {
  name: string;
  port: number;
  args?: readonly string[];
}

/** Starts a container whose data live as long as it does, killed or not. */
export async function startContainer({ name, port, args = [] }: Image): Promise<Container> {
  const hostPort = await freePort();
  const container = `bridge-e2e-${randomBytes(6).toString("hex")}`;
  await docker("run", "-d", "--name", container, "-p", `127.0.0.1:${hostPort}:${port}`, name, ...args);
  return {
    address: `127.0.0.1:${hostPort}`,
    kill: async () => void (await docker("kill", container)),
    start: async () => void (await docker("start", container)),
    close: async () => void (await docker("rm", "-f", "-v", container)),
  };
}
