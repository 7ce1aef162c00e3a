import { afterAll, beforeAll, expect, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { describeSystems } from "./describe-systems.ts";
import { referenceServer } from "./paths.ts";
import { remote } from "./system/configuration.ts";
import { freePort } from "./system/ports.ts";
import { type Started, startProcess } from "./system/process.ts";
import { answers, until } from "./system/until.ts";

let everything: Started;
let url: string;

beforeAll(async () => {
  const port = await freePort();
  url = `http://127.0.0.1:${port}/mcp`;
  everything = startProcess({
    name: "everything",
    command: process.execPath,
    args: [referenceServer("everything"), "streamableHttp"],
    env: { PORT: String(port) },
  });
  await until(() => answers(url), { what: "the everything server answers" });
});
afterAll(() => everything.stop());

describeSystems(
  "a reference server over HTTP",
  async () => ({ servers: { remote: remote(url) } }),
  (system) => {
    test("reports progress to the call that asked for it", async () => {
      const client = await connectV2(system().url());
      const steps: number[] = [];
      const call = { name: "remote_trigger-long-running-operation", arguments: { duration: 0.5, steps: 5 } };
      await client.callTool(call, { onprogress: ({ progress }) => void steps.push(progress) });
      expect(steps).toEqual([1, 2, 3, 4, 5]);
    });

    test("asks the client that caused it, also when others call at the same time", async () => {
      const anAnsweringClient = (name: string) =>
        connectV2(system().url(), {
          capabilities: { sampling: {} },
          prepare: (client) =>
            client.setRequestHandler("sampling/createMessage", () => ({
              model: name,
              role: "assistant",
              content: { type: "text", text: `${name} thinks` },
            })),
        });
      const [ada, bob] = [await anAnsweringClient("ada"), await anAnsweringClient("bob")];
      const ask = (client: typeof ada) =>
        client.callTool({ name: "remote_trigger-sampling-request", arguments: { prompt: "what?" } }).then(textOf);
      const answered = await Promise.all([ask(ada), ask(bob), ask(ada), ask(bob)]);
      expect(answered.map((text) => /(ada|bob) thinks/.exec(text)?.[1])).toEqual(["ada", "bob", "ada", "bob"]);
    });

    test("serves its resources and prompts", async () => {
      const client = await connectV2(system().url());
      const { contents } = await client.readResource({ uri: "demo://resource/static/document/features.md" });
      expect(contents[0]).toHaveProperty("text");
      const prompt = await client.getPrompt({ name: "remote_args-prompt", arguments: { city: "Oslo" } });
      expect(JSON.stringify(prompt.messages)).toContain("Oslo");
    });
  },
);
