import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { root } from "../paths.ts";
import { machine } from "./report.ts";

/** How one part of the benchmark is run. */
export interface BenchOptions {
  /** Little and short, to see that it works. */
  isQuick: boolean;
  /** Writes its part of the documentation. */
  isWritten: boolean;
  commandLine: string;
  say: (line: string) => void;
}

/** Writes what stands between the two marks of that name in docs/tracker-benchmarks.md. */
export async function writePart(name: string, { commandLine }: BenchOptions, lines: readonly string[]): Promise<void> {
  const path = join(root, "docs/tracker-benchmarks.md");
  const mark = `<!-- ${name} -->`;
  const before = await readFile(path, "utf8");
  const [head, , tail] = before.split(mark);
  if (head === undefined || tail === undefined) throw new Error(`${path} has not two marks ${mark}`);
  const date = new Date().toISOString().slice(0, 10);
  const origin = `Written by \`${commandLine}\` on ${date}: ${machine()}; Node ${process.versions.node}.`;
  await writeFile(path, [head, `\n${[origin, "", ...lines].join("\n").trimEnd()}\n\n`, tail].join(mark));
}
