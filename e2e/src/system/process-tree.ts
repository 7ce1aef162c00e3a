import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { promisify } from "node:util";

const run = promisify(execFile);

interface Row {
  pid: number;
  parent: number;
  rssKiB: number;
}

async function allProcesses(): Promise<Row[]> {
  const { stdout } = await run("ps", ["-axo", "pid=,ppid=,rss="]);
  return stdout
    .trim()
    .split("\n")
    .map((line) => {
      const [pid = 0, parent = 0, rssKiB = 0] = line.trim().split(/\s+/).map(Number);
      return { pid, parent, rssKiB };
    });
}

async function treeOf(pid: number): Promise<Row[]> {
  const rows = await allProcesses();
  const inTree = new Set([pid]);
  for (let size = 0; size !== inTree.size; ) {
    size = inTree.size;
    for (const row of rows) if (inTree.has(row.parent)) inTree.add(row.pid);
  }
  return rows.filter((row) => inTree.has(row.pid));
}

/** The processes below this one, children of children included. */
export async function descendantsOf(pid: number): Promise<number[]> {
  return (await treeOf(pid)).map((row) => row.pid).filter((other) => other !== pid);
}

/**
 * MiB of memory that these processes and all below them hold. On Linux without the pages of files that they have mapped:
 * those are the kernel's to drop, and a database on a memory map would look like a leak.
 */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const rows = (await Promise.all(pids.map(treeOf))).flat();
  const sizes = await Promise.all(rows.map(async (row) => (await anonymousKiB(row.pid)) ?? row.rssKiB));
  return sizes.reduce((sum, size) => sum + size, 0) / 1024;
}

async function anonymousKiB(pid: number): Promise<number | undefined> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  const size = /^RssAnon:\s+(\d+) kB$/m.exec(status)?.[1];
  return size === undefined ? undefined : Number(size);
}

/** False once nothing runs under this id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
