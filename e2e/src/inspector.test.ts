import { expect, test } from "vitest";
import { inspect } from "./client/inspector.ts";
import { describeSystems } from "./describe-systems.ts";
import { echo, reference } from "./system/configuration.ts";

const settings = {
  servers: { echo: echo({ high_security: true }), everything: reference("everything", ["stdio"]) },
};

describeSystems("the Inspector's command line", settings, (system) => {
  test("lists tools, resources and prompts", async () => {
    const tools = await inspect(system().url(), "tools/list");
    expect(JSON.stringify(tools)).toContain("echo_echo");
    const resources = await inspect(system().url(), "resources/list");
    expect(JSON.stringify(resources)).toContain("demo://resource/static/document/features.md");
    const prompts = await inspect(system().url(), "prompts/list");
    expect(JSON.stringify(prompts)).toContain("everything_simple-prompt");
  });

  test("calls a tool", async () => {
    const { result } = await inspect(
      system().url(),
      "tools/call",
      ...["--tool-name", "everything_echo", "--tool-arg", "message=hi"],
    );
    expect(JSON.stringify(result.content)).toContain("hi");
  });

  test("shows a denial", async () => {
    const args = ["--tool-name", "echo_echo", "--tool-arg", "message=rm -rf /"];
    const { result } = await inspect(system().url(), "tools/call", ...args);
    expect(result.isError).toBe(true);
    expect(JSON.stringify(result.content)).toContain("Governance denied: Security pattern detected");
  });
});
