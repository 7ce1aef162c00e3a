import { expect, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { describeSystems } from "./describe-systems.ts";
import { reference } from "./system/configuration.ts";

const settings = {
  servers: { everything: { ...reference("everything", ["stdio"]), env: { CONFIGURED: "as it should be" } } },
};

const ALLOWED = ["CONFIGURED", "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TERM", "TMPDIR", "TZ", "USER"];

describeSystems("a stdio upstream", settings, (system) => {
  test("gets its configured environment and a short allow-list, nothing of ours", async () => {
    const client = await connectV2(system().url());
    const result = await client.callTool({ name: "everything_get-env", arguments: {} });
    const environment = JSON.parse(textOf(result)) as Record<string, string>;
    expect(environment.CONFIGURED).toBe("as it should be");
    expect(environment.PATH).toBeDefined();
    expect(Object.keys(environment).filter((name) => !ALLOWED.includes(name))).toEqual([]);
  });
});
