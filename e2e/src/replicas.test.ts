import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { connectV2, textOf } from "./client/official.ts";
import { openRaw, post } from "./client/raw.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeDistributed } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import { startDistributed } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";

// Counters outlive a system on a Redis that others use, so a limited server needs a name of its own.
const limited = `limited-${randomBytes(4).toString("hex")}`;
const settings = {
  servers: { echo: echo(), [limited]: echo({ rate_limit: 20, governance_prefix: "limited" }) },
};
const replicas = { gateway: 2, policy: 3, tracker: 2 };

describeDistributed(
  "two gateways, three policies and two trackers",
  () => startDistributed(settings, serversOf(process.env), replicas),
  (system) => {
    const secondUrl = () => `http://127.0.0.2:${system().basePort}/mcp`;

    test("permit exactly as many calls as the limit says, and record each call once", async () => {
      const clients = [await connectV2(system().url()), await connectV2(secondUrl())];
      const calls = Array.from({ length: 60 }, (_, index) =>
        clients[index % 2]!.callTool({ name: "limited_echo", arguments: { message: `call ${index}` } }).then(textOf),
      );
      const texts = await Promise.all(calls);
      expect(texts.filter((text) => text.startsWith("call "))).toHaveLength(20);
      expect(texts.filter((text) => text.includes("Rate limit exceeded: 20/20"))).toHaveLength(40);

      const logs = await toolLogs(system(), { server_name: limited }, { count: 60 });
      expect(logs).toHaveLength(60);
      expect(logs.filter(({ status }) => status === "denied")).toHaveLength(40);
    });

    test("share sessions: what one opened the other serves, and what one ended the other does not take up", async () => {
      const session = await openRaw(system().url());
      const call = {
        jsonrpc: "2.0",
        id: 1,
        method: "tools/call",
        params: { name: "echo_echo", arguments: { message: "m" } },
      };
      const elsewhere = await post(secondUrl(), call, session.headers);
      expect(elsewhere.status).toBe(200);
      expect(elsewhere.text).toContain(`"text":"m"`);

      const ended = await openRaw(system().url());
      await fetch(system().url(), { method: "DELETE", headers: ended.headers });
      expect((await post(secondUrl(), call, ended.headers)).status).toBe(404);
    });
  },
);
