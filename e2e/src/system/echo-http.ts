import { fixture } from "../paths.ts";
import { freePort } from "./ports.ts";
import { type Started, startProcess } from "./process.ts";
import { answers, until } from "./until.ts";

/** The echo upstream over Streamable HTTP, in a process of its own. */
export async function startEchoHttp(givenPort?: number): Promise<Started & { url: string; port: number }> {
  const port = givenPort ?? (await freePort());
  const started = startProcess({
    name: "echo-http",
    command: process.execPath,
    args: [fixture("echo-http"), String(port)],
  });
  const url = `http://127.0.0.1:${port}/mcp`;
  await until(() => answers(url), { what: "the echo upstream answers" });
  return { ...started, url, port };
}
