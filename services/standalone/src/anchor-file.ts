import { readFile, rename, writeFile } from "node:fs/promises";
import type { Closable, Log } from "@mcp-governance-bridge/shared";
import { type Checkpoint, checkpointOf } from "@mcp-governance-bridge/tracker";

/** `close` resolves once the last checkpoint is kept. */
interface AnchorFile extends Closable {
  keep(checkpoint: Checkpoint): void;
}

/**
 * Keeps the newest checkpoint of the audit trail in a file beside the record, so that a record that was set back is noticed.
 * The last one of each key before stays there: what was signed with it is believed still.
 */
export function createAnchorFile({ path, log }: { path: string; log: Log }): AnchorFile {
  let last: Promise<unknown> = Promise.resolve();
  const write = async (checkpoint: Checkpoint): Promise<void> => {
    const before = (await checkpointsIn(path)).filter(({ key_id }) => key_id !== checkpoint.key_id);
    await writeFile(`${path}.new`, `${JSON.stringify([...before, checkpoint])}\n`);
    await rename(`${path}.new`, path);
  };
  return {
    keep(checkpoint) {
      last = last
        .then(() => write(checkpoint))
        .catch((error: unknown) =>
          log.warn({ err: error, path }, "the newest checkpoint was not kept beside the record"),
        );
    },
    async close() {
      await last;
    },
  };
}

/** None where there is no such file, or another one. */
async function checkpointsIn(path: string): Promise<Checkpoint[]> {
  try {
    const found: unknown = JSON.parse(await readFile(path, "utf8"));
    return Array.isArray(found) ? found.flatMap((item) => checkpointOf(Object(item)) ?? []) : [];
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
}
