import { text } from "node:stream/consumers";
import { runCommandLine } from "./command-line.ts";

process.exitCode = await runCommandLine(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  readInput: () => text(process.stdin),
  print: (line) => console.log(line),
  printError: (line) => console.error(line),
});
