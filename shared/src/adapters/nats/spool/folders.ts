import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import { holdLease, isHeld } from "./lease.ts";

export interface FoldersOptions {
  /** Shared by all replicas. */
  directory: string;
  /** A name that no other process has or had. */
  owner: string;
  /** Milliseconds after which a process that does not renew its lease counts as dead. */
  leaseMs: number;
  log: Log;
}

/** The folders of one process among those of all replicas: `<owner>.<number>`, under the lease `<owner>.lock`. */
export interface Folders extends Closable {
  /** A path for one more. */
  another(): string;
  /** Takes over the folders of the dead by giving them a name of ours, which only one process can; returns their paths. */
  takeOver(): Promise<string[]>;
  /** Bytes in all that are ours. */
  bytes(): number;
}

const FOLDER = /^(.+)\.\d+$/;
const LEASE = /^(.+)\.lock$/;

export async function openFolders({ directory, owner, leaseMs, log }: FoldersOptions): Promise<Folders> {
  mkdirSync(directory, { recursive: true });
  const lease = await holdLease(join(directory, owner), { leaseMs, log });
  let count = 0;

  const another = () => join(directory, `${owner}.${count++}`);

  function takeFolders(other: string): string[] {
    return foldersOf(directory, other).flatMap((name) => {
      const path = another();
      return succeeds(() => renameSync(join(directory, name), path)) ? [path] : [];
    });
  }

  return {
    another,
    async takeOver() {
      const taken: string[] = [];
      for (const other of ownersIn(directory)) {
        if (other === owner || (await isHeld(join(directory, other), leaseMs))) continue;
        taken.push(...takeFolders(other));
        succeeds(() => rmdirSync(join(directory, `${other}.lock`)));
      }
      return taken;
    },
    bytes: () => foldersOf(directory, owner).reduce((sum, name) => sum + sizeOf(join(directory, name)), 0),
    close: lease.close,
  };
}

function ownersIn(directory: string): Set<string> {
  return new Set(readdirSync(directory).flatMap((name) => (FOLDER.exec(name) ?? LEASE.exec(name))?.[1] ?? []));
}

function foldersOf(directory: string, owner: string): string[] {
  return readdirSync(directory).filter((name) => FOLDER.exec(name)?.[1] === owner);
}

function sizeOf(folder: string): number {
  if (!existsSync(folder)) return 0;
  return readdirSync(folder).reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}

/** What another process may have done first is no failure. */
function succeeds(act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && (error.code === "ENOENT" || error.code === "ENOTEMPTY"))
      return false;
    throw error;
  }
}
