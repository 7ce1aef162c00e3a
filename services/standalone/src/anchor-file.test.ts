import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "@mcp-governance-bridge/shared";
import type { Checkpoint } from "@mcp-governance-bridge/tracker";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createAnchorFile } from "./anchor-file.ts";

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "anchor-"));
  path = join(folder, "anchor.json");
});
afterEach(() => rm(folder, { recursive: true }));

const aCheckpoint = (seq: number, key: string): Checkpoint => ({
  ...{ partition: "p", seq, hash: "0", leaves: seq, witnessed: [], closes: false, timestamp: new Date(seq) },
  ...{ key_id: key, public_key: key, signature: "" },
});
const kept = async () => {
  const found = JSON.parse(await readFile(path, "utf8")) as Checkpoint[];
  return found.map(({ seq, key_id }) => [seq, key_id]);
};

test("the newest checkpoint is kept, and the last one of a key that was replaced", async () => {
  const before = createAnchorFile({ path, log: silentLog });
  before.keep(aCheckpoint(1, "old"));
  before.keep(aCheckpoint(2, "old"));
  await vi.waitFor(async () => expect(await kept()).toEqual([[2, "old"]]));
  const anchor = createAnchorFile({ path, log: silentLog });
  anchor.keep(aCheckpoint(3, "new"));
  anchor.keep(aCheckpoint(4, "new"));
  const both = [
    [2, "old"],
    [4, "new"],
  ];
  await vi.waitFor(async () => expect(await kept()).toEqual(both));
});

test("a file that is none is replaced", async () => {
  await writeFile(path, "{");
  createAnchorFile({ path, log: silentLog }).keep(aCheckpoint(1, "key"));
  await vi.waitFor(async () => expect(await kept()).toEqual([[1, "key"]]));
});
