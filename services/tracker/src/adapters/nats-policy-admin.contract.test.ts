import { randomUUID } from "node:crypto";
import { silentLog } from "@mcp-governance-bridge/shared";
import { connectNats } from "@mcp-governance-bridge/shared/nats";
import type { NatsConnection } from "@nats-io/transport-node";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createNatsPolicyAdmin } from "./nats-policy-admin.ts";

const url = process.env.NATS_URL;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !url) throw new Error("NATS_URL is required");

describe.runIf(url)("the policy service over NATS", () => {
  let connection: NatsConnection;
  beforeAll(async () => {
    connection = await connectNats(url!, { name: "tracker-test", log: silentLog });
  });
  afterAll(() => connection.close());

  function aPolicyService(answer: string) {
    const subject = `tracker-test.${randomUUID()}`;
    const asked: unknown[] = [];
    connection.subscribe(subject, {
      callback: (_error, message) => {
        asked.push(message.json());
        message.respond(answer);
      },
    });
    return { asked, policy: createNatsPolicyAdmin({ connection, log: silentLog, subject }) };
  }

  test("is asked in JSON, and its data comes back", async () => {
    const data = { number: 12, document: { servers: { "a.b": {} } } };
    const { asked, policy } = aPolicyService(JSON.stringify({ ok: true, data }));
    expect(await policy.ask({ ask: "current" })).toEqual(data);
    expect(asked).toEqual([{ ask: "current" }]);
  });

  test.each(["policy.invalid", "policy.unknown", "policy.conflict", "policy.unavailable"])(
    "%s comes back as the error it is",
    async (code) => {
      const { policy } = aPolicyService(JSON.stringify({ ok: false, code, error: "policies[0].when: no such member" }));
      await expect(policy.ask({ ask: "rollback", who: "ada", why: "" })).rejects.toMatchObject({
        name: "GovernanceError",
        code,
        message: "policies[0].when: no such member",
      });
    },
  );

  test("an error that nobody knows is a fault of ours", async () => {
    const { policy } = aPolicyService(JSON.stringify({ ok: false, code: "odd", error: "secret" }));
    const failed = policy.ask({ ask: "current" });
    await expect(failed).rejects.toThrow("the policy service failed with odd: secret");
    await expect(failed).rejects.not.toHaveProperty("code");
  });

  test.each(["", "{", "{}", "null", '{"ok":false}'])("takes %j for no answer", async (answer) => {
    const { policy } = aPolicyService(answer);
    await expect(policy.ask({ ask: "current" })).rejects.toMatchObject({ code: "policy.unavailable" });
  });

  test("says at once that the policy service is not running", async () => {
    const policy = createNatsPolicyAdmin({ connection, log: silentLog, subject: `nobody.${randomUUID()}` });
    await expect(policy.ask({ ask: "current" })).rejects.toMatchObject({
      code: "policy.unavailable",
      message: "the policy service is not running",
    });
  });

  test("waits no longer than it may, and says that a change may have been made", async () => {
    const subject = `tracker-test.${randomUUID()}`;
    connection.subscribe(subject, { callback: () => undefined });
    const policy = createNatsPolicyAdmin({ connection, log: silentLog, subject, timeoutMs: 100 });
    await expect(policy.ask({ ask: "current" })).rejects.toMatchObject({
      code: "policy.unavailable",
      message: "the policy service gave no answer in 100 ms; a change may have been made",
    });
  });

  test("a question that NATS does not carry is refused", async () => {
    const policy = createNatsPolicyAdmin({ connection, log: silentLog, subject: `nobody.${randomUUID()}` });
    const settings = { note: "x".repeat(connection.info?.max_payload ?? 0) };
    const asked = policy.ask({ ask: "validate", scope: "global", settings });
    await expect(asked).rejects.toMatchObject({
      code: "policy.unavailable",
      message: expect.stringContaining("large"),
    });
  });
});
