import { createEcho } from "./echo.ts";

const echo = createEcho();
const send = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

let rest = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk: string) => {
  const lines = (rest + chunk).split("\n");
  rest = lines.pop() ?? "";
  for (const line of lines) if (line !== "") echo.receive(line, send);
});
