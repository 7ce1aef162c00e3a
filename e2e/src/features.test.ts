import { describe, expect, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, features, reference } from "./system/configuration.ts";
import { until } from "./system/until.ts";

const FILE_URI = "file:///notes/today.txt";

const settings = {
  servers: { features: features(), echo: echo(), everything: reference("everything", ["stdio"]) },
};

describeSystems("through the gateway", settings, (system) => {
  const connect = (options?: Parameters<typeof connectV2>[1]) => connectV2(system().url(), options);

  test("resources are listed and read, those on files included", async () => {
    const client = await connect();
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toEqual(expect.arrayContaining([FILE_URI, "pixels:///red.png"]));
    expect(resources.map(({ uri }) => uri)).toContain("demo://resource/static/document/features.md");
    const { contents } = await client.readResource({ uri: FILE_URI });
    expect(contents).toEqual([{ uri: FILE_URI, mimeType: "text/plain", text: "water the plants" }]);
    const pixel = await client.readResource({ uri: "pixels:///red.png" });
    expect(pixel.contents[0]).toMatchObject({ blob: "AAEC/w==" });
  });

  test("a resource that nobody has is -32602 or -32002, not a fault", async () => {
    const client = await connect();
    await expect(client.readResource({ uri: "nothing://here" })).rejects.toMatchObject({
      code: expect.toSatisfy((code: number) => code === -32602 || code === -32002),
    });
  });

  test("resource templates are listed, completed and read", async () => {
    const client = await connect();
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toContain("weather://{city}/now");
    const { completion } = await client.complete({
      ref: { type: "ref/resource", uri: "weather://{city}/now" },
      argument: { name: "city", value: "be" },
    });
    expect(completion.values).toEqual(["berlin", "bern"]);
    const { contents } = await client.readResource({ uri: "weather://oslo/now" });
    expect(contents[0]).toMatchObject({ text: "sunny in oslo" });
  });

  test("prompts are listed under their prefix, completed and got", async () => {
    const client = await connect();
    const { prompts } = await client.listPrompts();
    expect(prompts.map(({ name }) => name)).toEqual(expect.arrayContaining(["features_greet"]));
    const { completion } = await client.complete({
      ref: { type: "ref/prompt", name: "features_greet" },
      argument: { name: "language", value: "d" },
    });
    expect(completion.values).toEqual(["deutsch", "danish"]);
    const prompt = await client.getPrompt({ name: "features_greet", arguments: { name: "Ada", language: "danish" } });
    expect(prompt.messages[0]?.content).toEqual({ type: "text", text: "Greet Ada in danish" });
  });

  test("log messages come from the level the client set, to the client that caused them", async () => {
    const heard: unknown[] = [];
    const overheard: unknown[] = [];
    const client = await connect({
      prepare: (it) => it.setNotificationHandler("notifications/message", ({ params }) => void heard.push(params)),
    });
    await connect({
      prepare: (it) => it.setNotificationHandler("notifications/message", ({ params }) => void overheard.push(params)),
    });
    await client.setLoggingLevel("warning");
    await client.callTool({ name: "features_log", arguments: { level: "info", text: "too quiet" } });
    await client.callTool({ name: "features_log", arguments: { level: "error", text: "loud" } });
    await until(() => heard.length > 0, { what: "the log message" });
    expect(heard).toEqual([expect.objectContaining({ level: "error", data: "loud" })]);
    expect(JSON.stringify(overheard)).not.toContain("loud");
  });

  test("progress comes to the call that asked for it, also when two use the same token", async () => {
    const [one, two] = [await connect(), await connect()];
    const progressOf = async (client: typeof one, steps: number): Promise<number[]> => {
      const heard: number[] = [];
      const call = { name: "echo_progress", arguments: { steps } };
      await client.callTool(call, { onprogress: ({ progress }) => void heard.push(progress) });
      return heard;
    };
    const [first, second] = await Promise.all([progressOf(one, 3), progressOf(two, 5)]);
    expect(first).toEqual([1, 2, 3]);
    expect(second).toEqual([1, 2, 3, 4, 5]);
  });

  test("a cancelled call is cancelled at the upstream", async () => {
    const client = await connect();
    const controller = new AbortController();
    const call = client.callTool({ name: "features_wait", arguments: { ms: 20_000 } }, { signal: controller.signal });
    setTimeout(() => controller.abort(), 200);
    await expect(call).rejects.toThrow();
    const aborted = async () =>
      textOf(await client.callTool({ name: "features_count-aborted", arguments: {} })) === "1";
    await until(aborted, { what: "the upstream has seen the cancellation", withinMs: 5_000 });
  });

  test("a list that changes at the upstream changes for every client", async () => {
    let changes = 0;
    const listener = await connect({
      prepare: (it) => it.setNotificationHandler("notifications/tools/list_changed", () => void changes++),
    });
    const changer = await connect();
    const name = `later-${crypto.randomUUID().slice(0, 8)}`;
    await changer.callTool({ name: "features_add-tool", arguments: { name } });
    await until(() => changes > 0, { what: "the notification" });
    const { tools } = await listener.listTools(undefined, { cacheMode: "refresh" });
    expect(tools.map((tool) => tool.name)).toContain(`features_${name}`);
    expect(textOf(await changer.callTool({ name: `features_${name}`, arguments: {} }))).toBe(`${name} works`);
  });

  test("a subscribed resource tells its subscriber that it changed", async () => {
    const updated: string[] = [];
    const client = await connect({
      prepare: (it) =>
        it.setNotificationHandler("notifications/resources/updated", ({ params }) => void updated.push(params.uri)),
    });
    await client.subscribeResource({ uri: "counter://value" });
    await client.callTool({ name: "features_count", arguments: {} });
    await until(() => updated.length > 0, { what: "the notification" });
    expect(updated).toEqual(["counter://value"]);
    await client.unsubscribeResource({ uri: "counter://value" });
  });

  describe("what an upstream asks in the middle of a call", () => {
    const capabilities = { sampling: {}, elicitation: { form: {} }, roots: {} };

    /** A client that can answer everything, and remembers what it was asked. */
    const anAnsweringClient = async (name: string) => {
      const questions: string[] = [];
      const client = await connect({
        capabilities,
        prepare: (it) => {
          it.setRequestHandler("sampling/createMessage", ({ params }) => {
            questions.push(JSON.stringify(params.messages));
            return { model: name, role: "assistant", content: { type: "text", text: `${name} thinks` } };
          });
          it.setRequestHandler("elicitation/create", ({ params }) => {
            questions.push(params.message);
            return { action: "accept", content: { answer: `${name} says` } };
          });
          it.setRequestHandler("roots/list", () => {
            questions.push("roots");
            return { roots: [{ uri: `file:///home/${name}`, name }] };
          });
        },
      });
      const ask = async (tool: string, args: object) =>
        textOf(await client.callTool({ name: `features_${tool}`, arguments: { ...args } }));
      return { client, questions, ask };
    };

    test("comes to the client that caused it and to no other", async () => {
      const ada = await anAnsweringClient("ada");
      const bob = await anAnsweringClient("bob");
      expect(await ada.ask("ask-model", { text: "what is it?" })).toContain("ada thinks");
      expect(await ada.ask("ask-user", { text: "are you sure?" })).toContain("ada says");
      expect(await ada.ask("ask-roots", {})).toContain("file:///home/ada");
      expect(await bob.ask("ask-user", { text: "and you?" })).toContain("bob says");
      expect(ada.questions).toEqual([expect.stringContaining("what is it?"), "are you sure?", "roots"]);
      expect(bob.questions).toEqual(["and you?"]);
    });

    test("is governed and recorded like a call", async () => {
      const ada = await anAnsweringClient("ada");
      await ada.ask("ask-user", { text: "for the record" });
      const [log] = await toolLogs(
        system(),
        { server_name: "features", method: "elicitation/create" },
        { including: "for the record" },
      );
      expect(log).toMatchObject({ status: "success", outputs: { action: "accept", content: { answer: "ada says" } } });
    });

    test("is refused when two clients' calls are under way, for whose it is cannot be known", async () => {
      const ada = await anAnsweringClient("ada");
      const bob = await anAnsweringClient("bob");
      const other = bob.client.callTool({ name: "features_wait", arguments: { ms: 1_500 } });
      expect(await ada.ask("ask-user", { text: "whose?", afterMs: 400 })).toMatch(/^refused: /);
      await other;
      expect([...ada.questions, ...bob.questions]).toEqual([]);
    });

    test("is refused when the client has not the ability", async () => {
      const client = await connect();
      const result = await client.callTool({ name: "features_ask-model", arguments: { text: "hello" } });
      expect(textOf(result)).toMatch(/^refused: /);
    });
  });
});
