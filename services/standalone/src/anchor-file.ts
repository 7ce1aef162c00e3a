import { rename, writeFile } from "node:fs/promises";
import type { Log } from "@mcp-governance-bridge/shared";
import type { Checkpoint } from "@mcp-governance-bridge/tracker";

/** Keeps the newest checkpoint of the audit trail in a file beside the record, so that a record that was set back is noticed. */
export function createAnchorFile({ path, log }: { path: string; log: Log }): { keep(checkpoint: Checkpoint): void } {
  let last: Promise<unknown> = Promise.resolve();
  const write = async (checkpoint: Checkpoint): Promise<void> => {
    await writeFile(`${path}.new`, `${JSON.stringify([checkpoint])}\n`);
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
  };
}
