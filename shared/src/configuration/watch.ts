import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { canonicalJson } from "../canonical-json.ts";
import { type Closable, StartupError } from "../lifecycle.ts";
import { checkConfigurationFile, type FileOptions, usable } from "./load.ts";
import type { Configuration } from "./types.ts";

/** What a file says after a change: what can be used, or an error that lists every problem. */
export type WatchResult = { configuration: Configuration } | { error: StartupError };

export interface WatchOptions extends FileOptions {
  /** The configuration in force: where the file says something else by the time it is watched, that is told as well. */
  loaded?: Configuration;
}

/** What the files say at one moment. */
interface Look {
  /** The text of each file that was read, or why there is none. */
  texts: ReadonlyMap<string, string>;
  result: WatchResult;
}

const POLL_MS = 250;

/**
 * Tells each change of a configuration file and of the pack files it names, within about half a second: edits, files that
 * take its place, and links that lead elsewhere. Only changed text counts. What cannot be used is told once it has stayed
 * the same for a while, so that a file half written is none. After `close` nothing more is told.
 */
export function watchConfigurationFile(
  path: string,
  options: WatchOptions,
  onChange: (result: WatchResult) => void,
): Closable {
  const first = lookAt(path, options);
  let told = isInForce(first, options.loaded) ? first : undefined;
  let seen = first;
  let closed = false;
  let timer: NodeJS.Timeout | undefined;

  const tell = (look: Look): void => {
    told = look;
    onChange(look.result);
  };

  const poll = async (): Promise<void> => {
    const isSame = await isUnchanged(seen);
    if (closed) return;
    if (!isSame) seen = lookAt(path, options);
    const isSettled = isSame || "configuration" in seen.result;
    if (isSettled && !haveSameTexts(seen, told)) tell(seen);
  };

  let polling = Promise.resolve();
  const schedule = (): void => {
    if (closed) return;
    const start = (): void => {
      polling = poll().finally(schedule);
    };
    timer = setTimeout(start, POLL_MS).unref();
  };

  schedule();
  return {
    async close() {
      closed = true;
      clearTimeout(timer);
      await polling;
    },
  };
}

function isInForce({ result }: Look, loaded: Configuration | undefined): boolean {
  if (!loaded) return "configuration" in result;
  return "configuration" in result && canonicalJson(result.configuration) === canonicalJson(loaded);
}

/** Checks the files as they are; keeps the texts it was given, so that result and texts belong together. */
function lookAt(path: string, options: FileOptions): Look {
  const texts = new Map<string, string>();
  const read = (file: string): string => {
    try {
      const text = readFileSync(file, "utf8");
      texts.set(file, text);
      return text;
    } catch (cause) {
      texts.set(file, absence(cause));
      throw cause;
    }
  };
  try {
    return { texts, result: { configuration: usable(path, checkConfigurationFile(path, options, read)) } };
  } catch (cause) {
    if (!(cause instanceof StartupError)) throw cause;
    return { texts, result: { error: cause } };
  }
}

async function isUnchanged({ texts }: Look): Promise<boolean> {
  const same = await Promise.all(
    [...texts].map(async ([file, text]) => text === (await readFile(file, "utf8").catch(absence))),
  );
  return same.every(Boolean);
}

/** What stands for the text of a file that cannot be read; no configuration begins with it. */
function absence(cause: unknown): string {
  return `\0${cause instanceof Error && "code" in cause ? cause.code : cause}`;
}

function haveSameTexts({ texts }: Look, other: Look | undefined): boolean {
  if (texts.size !== other?.texts.size) return false;
  return [...texts].every(([file, text]) => other.texts.get(file) === text);
}
