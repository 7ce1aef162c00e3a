import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Closable, StartupError } from "@mcp-governance-bridge/shared";

/**
 * Claims a data folder for this process until it is closed. A claim whose process is gone is taken over.
 * Throws a StartupError when a living process holds it: two writers would spoil each other's records.
 */
export function lockFolder(folder: string): Closable {
  const path = join(folder, "lock");
  if (!claim(path)) {
    const holder = readFileSync(path, "utf8").trim();
    if (isAlive(Number(holder)))
      throw new StartupError(`${folder} is in use by process ${holder} (if that is no bridge, delete ${path})`, 1);
    rmSync(path);
    if (!claim(path)) throw new StartupError(`${folder} is being taken by another process`, 1);
  }
  return {
    async close() {
      rmSync(path, { force: true });
    },
  };
}

function claim(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
