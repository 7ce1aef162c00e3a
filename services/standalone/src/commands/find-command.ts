import { type Command, UsageError } from "./command.ts";

const WORDS_OF_A_NAME = 2;

/** The command that the first words name, and the arguments after them. Throws a UsageError where there is none. */
export function findCommand(
  commands: Readonly<Record<string, Command>>,
  args: readonly string[],
): { command: Command; rest: readonly string[] } {
  for (let count = WORDS_OF_A_NAME; count > 0; count -= 1) {
    const name = args.slice(0, count).join(" ");
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command) return { command, rest: args.slice(count) };
  }
  throw new UsageError(complaint(Object.keys(commands), args));
}

function complaint(names: readonly string[], [first, second]: readonly string[]): string {
  if (first === undefined) return "no command given";
  if (first.startsWith("-")) return `unknown option "${first}"`;
  const nested = names.flatMap((name) => (name.startsWith(`${first} `) ? name.slice(first.length + 1) : []));
  if (nested.length === 0) return `unknown command "${first}"`;
  if (second === undefined) return `${first} what? One of ${nested.join(", ")}`;
  return `unknown command "${first} ${second}": one of ${nested.join(", ")} must follow ${first}`;
}
