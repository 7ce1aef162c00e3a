import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { aFile, aPack, aServer } from "../../test/configuration.ts";
import type { Closable } from "../lifecycle.ts";
import { loadConfigurationFile } from "./load.ts";
import { type WatchOptions, type WatchResult, watchConfigurationFile } from "./watch.ts";

let dir: string;
let path: string;
let watcher: Closable | undefined;
let told: WatchResult[];

const limited = (rate_limit: number) => JSON.stringify(aFile({ a: aServer({ governance: { rate_limit } }) }));
const withPack = JSON.stringify(aFile({ a: aServer() }, { pattern_pack_files: ["packs/own.json"] }));

const watch = (options: Partial<WatchOptions> = {}): void => {
  watcher = watchConfigurationFile(path, { env: {}, ...options }, (result) => void told.push(result));
};

/** What has been told so far: rate limits, and the messages of errors. */
const heard = () =>
  told.map((result) =>
    "error" in result ? result.error.message : result.configuration.servers[0]?.governance.rate_limit,
  );

/** Lets the watcher look as often as given: each look ends by setting the timer of the next. */
const look = async (times = 1): Promise<void> => {
  for (let count = 0; count < times; count += 1) {
    vi.advanceTimersByTime(250);
    while (vi.getTimerCount() === 0) await turn();
  }
};

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  dir = await mkdtemp(join(tmpdir(), "watch-"));
  path = join(dir, "configuration.json");
  told = [];
  await writeFile(path, limited(1));
});
afterEach(async () => {
  vi.useRealTimers();
  await watcher?.close();
  await rm(dir, { recursive: true });
});

describe("row 95: a watched configuration file", () => {
  test("is told soon after it was edited", async () => {
    vi.useRealTimers();
    watch();
    const start = performance.now();
    await writeFile(path, limited(2));
    await vi.waitFor(() => expect(heard()).toEqual([2]), { timeout: 5_000, interval: 10 });
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  test("is told when another file takes its place", async () => {
    watch();
    await writeFile(join(dir, "next.json"), limited(2));
    await rename(join(dir, "next.json"), path);
    await look();
    expect(heard()).toEqual([2]);
  });

  test("is told when the link that leads to it is swapped, as Kubernetes does", async () => {
    const mounted = async (name: string, limit: number) => {
      await mkdir(join(dir, name));
      await writeFile(join(dir, name, "configuration.json"), limited(limit));
    };
    await rm(path);
    await mounted("v1", 1);
    await mounted("v2", 2);
    await symlink("v1", join(dir, "..data"));
    await symlink(join("..data", "configuration.json"), path);
    watch();
    await symlink("v2", join(dir, "..data.next"));
    await rename(join(dir, "..data.next"), join(dir, "..data"));
    await look();
    expect(heard()).toEqual([2]);
  });

  test("is not told when its text stays the same", async () => {
    watch();
    await writeFile(path, limited(1));
    await look(3);
    expect(heard()).toEqual([]);
  });

  test("is told once with every problem when it cannot be used, and again when it can", async () => {
    watch();
    await writeFile(path, '{ "mcpServers": {}, "governanc": {} }');
    await look(4);
    const problems = [
      "invalid configuration",
      `${path}:1:17 mcpServers: must name at least one server`,
      `${path}:1:21 governanc: unknown key (did you mean "governance"?)`,
    ].join("\n");
    expect(heard()).toEqual([problems]);
    await writeFile(path, limited(3));
    await look();
    expect(heard()).toEqual([problems, 3]);
  });

  test("is not told while it is half written", async () => {
    watch();
    const text = limited(4);
    for (const end of [0, 20, 40, 60]) {
      await writeFile(path, text.slice(0, end));
      await look();
    }
    expect(heard()).toEqual([]);
    await writeFile(path, text);
    await look(3);
    expect(heard()).toEqual([4]);
  });

  test("is not told when a mistake is taken back at once", async () => {
    watch();
    await writeFile(path, "{");
    await look();
    await writeFile(path, limited(1));
    await look(3);
    expect(heard()).toEqual([]);
  });

  test("is told as missing when it stays away, and again when it is back", async () => {
    watch();
    await rm(path);
    await look(3);
    const missing = expect.stringContaining(`cannot read the configuration file ${path}: ENOENT`);
    expect(heard()).toEqual([missing]);
    await writeFile(path, limited(1));
    await look();
    expect(heard()).toEqual([missing, 1]);
  });

  test("is told when a pack file it names changes, goes away or comes back", async () => {
    const pack = join(dir, "packs/own.json");
    const descriptions = () =>
      told.map((result) => ("error" in result ? "error" : result.configuration.policy.packs[0]?.description));
    const write = (description: string) => writeFile(pack, JSON.stringify(aPack({ description })));
    await mkdir(dirname(pack));
    await write("first");
    await writeFile(path, withPack);
    watch();
    await write("second");
    await look();
    expect(descriptions()).toEqual(["second"]);
    await rm(pack);
    await look(2);
    expect(descriptions()).toEqual(["second", "error"]);
    await write("third");
    await look();
    expect(descriptions()).toEqual(["second", "error", "third"]);
  });
});

describe("the beginning of watching", () => {
  test("tells what changed since the configuration in force was loaded", async () => {
    const loaded = await loadConfigurationFile(path, { env: {} });
    await writeFile(path, limited(5));
    watch({ loaded });
    expect(heard()).toEqual([]);
    await look();
    expect(heard()).toEqual([5]);
  });

  test("tells nothing where the file still says what was loaded", async () => {
    watch({ loaded: await loadConfigurationFile(path, { env: {} }) });
    await look(3);
    expect(heard()).toEqual([]);
  });
});

test("nothing is told once the watcher is closed", async () => {
  watch();
  await writeFile(path, limited(6));
  vi.advanceTimersByTime(250);
  await watcher?.close();
  expect(vi.getTimerCount()).toBe(0);
  expect(heard()).toEqual([]);
});
