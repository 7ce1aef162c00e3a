/** What a command may touch. */
export interface Terminal {
  env: NodeJS.ProcessEnv;
  /** The folder that relative paths and the `.env` file are taken from. */
  cwd: string;
  /** All of the standard input. */
  readInput: () => Promise<string>;
  print: (line: string) => void;
  printError: (line: string) => void;
}

/** One thing the bridge can be told to do. */
export interface Command {
  /** How it is called, after `npm run bridge --`. */
  usage: string;
  summary: string;
  /** Resolves to the exit status; rejects with a UsageError where the arguments make no sense. */
  run: (args: readonly string[], terminal: Terminal) => Promise<number>;
}

/** The command line asks for something that there is not. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}
