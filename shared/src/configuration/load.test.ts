import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aFile, aServer } from "../../test/configuration.ts";
import { StartupError } from "../lifecycle.ts";
import { readDotEnv } from "./dot-env.ts";
import { loadConfigurationFile } from "./load.ts";

const options = { env: {}, scope: "all" } as const;
let dir: string;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), "configuration-"));
});
afterEach(() => rm(dir, { recursive: true }));

describe("a configuration file", () => {
  test("that is right is read", async () => {
    const path = join(dir, "right.json");
    await writeFile(path, JSON.stringify(aFile({ a: aServer() })));
    expect((await loadConfigurationFile(path, options)).servers.map(({ name }) => name)).toEqual(["a"]);
  });

  test("that is missing stops the start with exit status 2", async () => {
    const path = join(dir, "missing.json");
    const error = await loadConfigurationFile(path, options).catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(StartupError);
    expect(error).toMatchObject({ exitCode: 2, message: expect.stringContaining(`${path}: ENOENT`) });
  });

  test("that is wrong stops the start with every problem on a line of its own", async () => {
    const path = join(dir, "wrong.json");
    await writeFile(path, '{\n  "governanc": {},\n  "mcpServers": {}\n}');
    const error = await loadConfigurationFile(path, options).catch((cause: unknown) => cause);
    expect(error).toMatchObject({
      exitCode: 2,
      message: [
        "invalid configuration",
        `${path}:2:3 governanc: unknown key (did you mean "governance"?)`,
        `${path}:3:17 mcpServers: must name at least one server`,
      ].join("\n"),
    });
  });
});

describe("a .env file", () => {
  test("is read, and the real environment wins unless it is empty", async () => {
    await writeFile(join(dir, ".env"), "A=file\nB=file\nC='quoted # text'\n");
    expect(readDotEnv(dir, { A: "real", B: "" })).toEqual({ A: "real", B: "file", C: "quoted # text" });
  });

  test("need not be there", () => {
    expect(readDotEnv(dir, { A: "real", B: "" })).toEqual({ A: "real" });
  });
});
