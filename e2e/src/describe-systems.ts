import { afterAll, beforeAll, beforeEach, describe } from "vitest";
import type { Settings } from "./system/configuration.ts";
import { startDistributed } from "./system/distributed.ts";
import { missingServers, serversOf } from "./system/servers.ts";
import { startStandalone } from "./system/standalone.ts";
import type { System } from "./system/system.ts";

/** Starting includes waiting for the turn of this distributed system. */
const START_MS = 240_000;

type Tests = (system: () => System) => void;

/** Settings, or how to come by them once the file's own upstreams run. */
type SettingsSource = Settings | (() => Promise<Settings>);

/** Runs the same tests on the product in one process and on its services; `system` is to be called inside of tests and hooks. */
export function describeSystems(title: string, source: SettingsSource, tests: Tests): void {
  const settings = async () => (typeof source === "function" ? source() : source);
  describeSystem(`${title} (standalone)`, async () => startStandalone(await settings()), tests);
  describeDistributed(title, async () => startDistributed(await settings(), serversOf(process.env)), tests);
}

/** Runs tests on the services alone; skips them aloud when their servers are missing, or fails where all must be covered. */
export function describeDistributed(title: string, start: () => Promise<System>, tests: Tests): void {
  const name = `${title} (distributed)`;
  const missing = missingServers(process.env).join(", ");
  if (missing === "") describeSystem(name, start, tests);
  else if (process.env.REQUIRE_ALL_ADAPTERS === "1") throw new Error(`${name}: needs ${missing}`);
  else {
    console.warn(`SKIPPED ${name}: needs ${missing}`);
    describe.skip(name, () => tests(notStarted));
  }
}

function describeSystem(name: string, start: () => Promise<System>, tests: Tests): void {
  describe(name, () => {
    let running: System | undefined;
    const system = (): System => running ?? notStarted();
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

function notStarted(): never {
  throw new Error("the system has not started");
}
