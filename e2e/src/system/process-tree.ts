import { execFile } from "node:child_process";
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

/** MiB of memory that these processes and all below them hold. */
export async function memoryOf(pids: readonly number[]): Promise<number> {
  const trees = await Promise.all(pids.map(treeOf));
  return trees.flat().reduce((sum, row) => sum + row.rssKiB, 0) / 1024;
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
