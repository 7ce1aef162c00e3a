import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { silentLog } from "@mcp-governance-bridge/shared";
import { expect, test } from "vitest";
import { openLmdbRecordStore } from "./lmdb-record-store.ts";

/** Keeps documents for ever and says after each batch how many there are. */
const writer = `
  import { openLmdbRecordStore } from ${JSON.stringify(join(import.meta.dirname, "lmdb-record-store.ts"))};
  const store = openLmdbRecordStore({ path: process.argv[1], log: { debug() {} } });
  for (let kept = 0; ; kept += 50) {
    await store.apply(Array.from({ length: 50 }, (_, n) => ({
      collection: "tool_logs", id: String(kept + n), set: { n: kept + n, timestamp: new Date(kept + n) },
    })));
    process.stdout.write(kept + 50 + "\\n");
  }
`;

test("what was kept survives kill -9, and nothing of a batch is torn", { timeout: 60_000 }, async () => {
  const path = await mkdtemp(join(tmpdir(), "tracker-"));
  const flags = ["--conditions=source", "--import", "tsx", "--input-type=module", "--eval", writer, path];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "inherit"] });
  let kept = 0;
  for await (const line of createInterface(child.stdout)) {
    kept = Number(line);
    if (kept >= 1_000) child.kill("SIGKILL");
  }
  if (child.exitCode === null && child.signalCode === null) await once(child, "exit");

  const store = openLmdbRecordStore({ path, log: silentLog });
  const found = await store.aggregate("tool_logs", [{ $sort: { timestamp: -1 } }]);
  expect(found.length).toBeGreaterThanOrEqual(kept);
  expect(found.length % 50).toBe(0);
  expect(found.map(({ n }) => n)).toEqual(found.map((_, index) => found.length - 1 - index));
  await store.close();
  await rm(path, { recursive: true });
});

test("a closed store says so", async () => {
  const path = await mkdtemp(join(tmpdir(), "tracker-"));
  const store = openLmdbRecordStore({ path, log: silentLog });
  await store.ping();
  await Promise.all([store.close(), store.close()]);
  await expect(store.ping()).rejects.toThrow("closed");
  await expect(store.apply([])).rejects.toMatchObject({ code: "store.unavailable" });
  await rm(path, { recursive: true });
});
