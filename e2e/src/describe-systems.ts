import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import type { Settings } from "./system/configuration.ts";
import { startDistributed } from "./system/distributed.ts";
import { missingServers, serversOf } from "./system/servers.ts";
import { startStandalone } from "./system/standalone.ts";
import type { System } from "./system/system.ts";

const START_MS = 240_000;

type Start = (settings: Settings) => Promise<System>;

const starts: readonly [kind: string, start: Start][] = [
  ["standalone", (settings) => startStandalone(settings)],
  ["distributed", (settings) => startDistributed(settings, serversOf(process.env))],
];

/** Runs the same tests on the product in one process and on its services; `system` is to be called inside of tests and hooks. */
export function describeSystems(
  title: string,
  settings: Settings | (() => Promise<Settings>),
  tests: (system: () => System) => void,
): void {
  for (const [kind, start] of starts) describeSystem(`${title} (${kind})`, () => startWith(start, settings), tests);
}

/** Runs tests on the distributed product alone. */
export function describeDistributed(
  title: string,
  start: () => Promise<System>,
  tests: (system: () => System) => void,
): void {
  describeSystem(`${title} (distributed)`, start, tests);
}

async function startWith(start: Start, settings: Settings | (() => Promise<Settings>)): Promise<System> {
  return start(typeof settings === "function" ? await settings() : settings);
}

function describeSystem(name: string, start: () => Promise<System>, tests: (system: () => System) => void): void {
  describe.runIf(isAvailable(name))(name, () => {
    let running: System | undefined;
    const system = (): System => {
      if (!running) throw new Error("the system has not started");
      return running;
    };
    beforeAll(async () => {
      running = await start();
    }, START_MS);
    afterAll(() => running?.stop(), START_MS);
    beforeEach(({ onTestFailed }) => {
      onTestFailed(() => console.log(system().output()));
    });
    tests(system);
  });
}

function isAvailable(name: string): boolean {
  const missing = name.endsWith("(distributed)") ? missingServers(process.env) : [];
  if (missing.length === 0) return true;
  const problem = `${name}: needs ${missing.join(", ")}`;
  if (process.env.REQUIRE_ALL_ADAPTERS === "1") throw new Error(problem);
  console.warn(`SKIPPED ${problem}`);
  return false;
}
