import { execFile, execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The image that docker-compose.yml builds on too. */
const IMAGE = "nats:2-alpine";

/** Whether a NATS server of one's own can be had here. */
export function dockerHasNats(): boolean {
  try {
    execFileSync("docker", ["image", "inspect", IMAGE], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** A NATS server that a test may stop, freeze and empty. Its data outlives a restart. */
export async function startNatsContainer() {
  const name = `nats-test-${randomUUID()}`;
  const port = 20_000 + Math.floor(Math.random() * 10_000);
  const docker = (...args: string[]) => run("docker", args);
  await docker(
    "run",
    "-d",
    "--name",
    name,
    "-v",
    `${name}:/data`,
    "-p",
    `127.0.0.1:${port}:4222`,
    IMAGE,
    "-js",
    "-sd",
    "/data",
  );
  return {
    url: `nats://127.0.0.1:${port}`,
    stop: () => docker("kill", name),
    start: () => docker("start", name),
    freeze: () => docker("pause", name),
    thaw: () => docker("unpause", name),
    async remove() {
      await docker("rm", "-f", name);
      await docker("volume", "rm", name);
    },
  };
}
