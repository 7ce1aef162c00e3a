import { link, mkdir, open, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { Revision, RevisionStore } from "../revision-store.ts";
import { parseRevision } from "../revisions/revision-text.ts";

export interface DiskRevisionStoreOptions {
  /** Made where it is missing. One process at a time may have it. */
  directory: string;
  /** Revisions that are kept. */
  kept?: number;
}

const DIGITS = 10;
const FILE = /^(\d{10})\.json$/;
const UNFINISHED = ".unfinished";

/**
 * One file per revision. A revision has its name once it is on the disk as a whole; what a crash left unfinished is no
 * revision. A file that cannot be read makes its readers reject with its path: leaving it out could undo an edit.
 */
export async function openDiskRevisionStore(options: DiskRevisionStoreOptions): Promise<RevisionStore> {
  const { directory, kept = 500 } = options;
  const watchers = new Set<(revision: Revision) => void>();
  await mkdir(directory, { recursive: true });
  for (const name of await readdir(directory)) {
    if (name.endsWith(UNFINISHED)) await rm(join(directory, name));
  }

  const numbers = async (): Promise<number[]> => {
    const names = await readdir(directory);
    return names.flatMap((name) => (FILE.test(name) ? [Number.parseInt(name, 10)] : [])).toSorted((a, b) => b - a);
  };
  const pathOf = (number: number): string => join(directory, `${number.toString().padStart(DIGITS, "0")}.json`);
  const get = (number: number): Promise<Revision | undefined> => read(pathOf(number));

  async function latest(): Promise<Revision | undefined> {
    const [newest] = await numbers();
    return newest === undefined ? undefined : get(newest);
  }

  return {
    latest,
    get,
    async list(limit) {
      const found: Revision[] = [];
      for (const number of (await numbers()).slice(0, limit)) {
        const revision = await get(number);
        if (revision) found.push(revision);
      }
      return found;
    },
    async append(revision) {
      const [newest = 0] = await numbers();
      if (newest >= revision.number || !(await write(directory, pathOf(revision.number), revision))) return false;
      for (const number of (await numbers()).slice(kept)) await rm(pathOf(number), { force: true });
      for (const tell of watchers) tell(revision);
      return true;
    },
    watch(after, onRevision) {
      let told = after;
      const tell = (revision: Revision): void => {
        if (revision.number <= told) return;
        told = revision.number;
        onRevision(revision);
      };
      watchers.add(tell);
      void latest().then(
        (revision) => revision && watchers.has(tell) && tell(revision),
        () => undefined,
      );
      return { close: async () => void watchers.delete(tell) };
    },
    close: async () => watchers.clear(),
  };
}

async function read(path: string): Promise<Revision | undefined> {
  const text = await readFile(path, "utf8").catch((error: unknown) => {
    if (codeOf(error) === "ENOENT") return undefined;
    throw unreadable(path, error);
  });
  if (text === undefined) return undefined;
  try {
    return parseRevision(text);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Under its name only once it is on the disk as a whole. False where the name is taken. */
async function write(directory: string, path: string, revision: Revision): Promise<boolean> {
  const unfinished = `${path}.${crypto.randomUUID()}${UNFINISHED}`;
  try {
    const file = await open(unfinished, "wx", 0o600);
    try {
      await file.writeFile(JSON.stringify(revision));
      await file.sync();
    } finally {
      await file.close();
    }
    await link(unfinished, path);
    await syncFolder(directory);
    return true;
  } catch (cause) {
    if (codeOf(cause) === "EEXIST") return false;
    throw new GovernanceError("policy.unavailable", `cannot keep the revision in ${directory}`, { cause });
  } finally {
    await rm(unfinished, { force: true });
  }
}

/** So that the name survives a loss of power; where folders cannot be opened, the system sees to it. */
async function syncFolder(directory: string): Promise<void> {
  const folder = await open(directory, "r").catch(() => undefined);
  await folder?.sync().catch(() => undefined);
  await folder?.close();
}

function unreadable(path: string, cause: unknown): Error {
  return new Error(
    `${path} cannot be read as a revision of the policy; restore it, or delete it to go back to the one before`,
    { cause },
  );
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}
