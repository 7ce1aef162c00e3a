import { afterAll, expect, test } from "vitest";
import { connectV2 } from "./client/official.ts";
import { decisions } from "./client/policies.ts";
import { openRaw, type RawSession } from "./client/raw.ts";
import { startSteadyLoad } from "./client/steady-load.ts";
import { toolLogs } from "./client/tool-logs.ts";
import { describeDistributed } from "./describe-systems.ts";
import { echo } from "./system/configuration.ts";
import { type Container, hasImages, startContainer } from "./system/containers.ts";
import { startDistributed } from "./system/distributed.ts";
import { serversOf } from "./system/servers.ts";
import { until } from "./system/until.ts";

const settings = {
  servers: {
    echo: echo(),
    open: echo({ rate_limit: 1, failure_modes: { counters: "open" } }),
    local: echo({ rate_limit: 10, failure_modes: { counters: { local: 0.5 } } }),
  },
};
const RECOVERY_MS = 15_000;
const REDIS = "redis:8";
const NATS = "nats:2-alpine";

const call = (session: RawSession) => session.call("echo_echo", `{"message":"hello"}`);
const isPermitted = async (session: RawSession) => (await call(session)).includes(`"text":"hello"`);

/** Calls until one is denied, and returns that answer. */
const firstDenial = (session: RawSession): Promise<string> =>
  until(
    async () => {
      const answer = await call(session);
      return answer.includes("Governance denied: ") && answer;
    },
    { what: "a call is denied", withinMs: RECOVERY_MS },
  );

const recovered = (session: RawSession): Promise<true> =>
  until(async () => (await isPermitted(session)) || undefined, { what: "calls pass again", withinMs: RECOVERY_MS });

describeDistributed(
  "without the policy service",
  () => startDistributed(settings, serversOf(process.env)),
  (system) => {
    test("calls are denied by name of what is missing, recorded, and permitted soon after its return", async () => {
      const session = await openRaw(system().url());
      expect(await isPermitted(session)).toBe(true);
      await system().service("policy").process().stop();

      const began = performance.now();
      const denial = await call(session);
      expect(performance.now() - began).toBeLessThan(5_000);
      expect(denial).toMatch(/Governance denied: [^"]*policy service/i);
      expect(denial).toContain(`"code":"policy_unavailable"`);
      const [log] = await toolLogs(system(), { server_name: "echo", status: "denied" });
      expect(log).toMatchObject({ denial: { code: "policy_unavailable" } });

      await system().service("policy").restart();
      await recovered(session);
    });

    test("that hangs, calls are denied in time, and permitted as soon as it goes on", async () => {
      const session = await openRaw(system().url());
      const policy = system().service("policy").process();
      policy.kill("SIGSTOP");
      const began = performance.now();
      const denial = await call(session).finally(() => policy.kill("SIGCONT"));
      expect(denial).toMatch(/Governance denied: [^"]*policy service gave no decision/);
      expect(performance.now() - began).toBeLessThan(3_000);
      await recovered(session);
    });

    test("records are kept while the tracker is away, and written when it is back", async () => {
      const session = await openRaw(system().url());
      const message = crypto.randomUUID();
      system().service("tracker").process().kill("SIGKILL");
      expect(await session.call("echo_echo", JSON.stringify({ message }))).toContain(message);
      await system().service("tracker").process().stop();
      await system().service("tracker").restart();
      expect(await toolLogs(system(), { tool_name: "echo" }, { including: message })).toHaveLength(1);
    });

    test("a gateway that was killed in the middle of a call serves again", async () => {
      const session = await openRaw(system().url());
      const lost = session.call("echo_slow", `{"ms":20000}`).catch(() => "lost");
      await toolLogsBegun();
      system().service("gateway").process().kill("SIGKILL");
      expect(await lost).toBe("lost");
      await system().service("gateway").process().stop();
      await system().service("gateway").restart();
      await recovered(await openRaw(system().url()));
    });

    async function toolLogsBegun(): Promise<void> {
      const url = `http://127.0.0.1:${system().basePort}/governance/tool-logs?tool_name=slow`;
      const begun = async () => (await (await fetch(url)).text()).includes("invocation request received");
      await until(begun, { what: "the call has been recorded as begun" });
    }
  },
);

describeDistributed(
  "without the policy service, where that is open",
  () =>
    startDistributed({ ...settings, governance: { failure_modes: { policy: "open" } } }, serversOf(process.env), {
      policy: 2,
    }),
  (system) => {
    test("calls under load pass, what rules deny is denied while one replica is left, and each decision says why", async () => {
      // Other systems leave facts on the bus.
      const from = new Date().toISOString();
      const clients = await Promise.all(Array.from({ length: 4 }, () => connectV2(system().url())));
      const load = startSteadyLoad(clients, "echo_echo", "m");
      const session = await openRaw(system().url());
      const attack = () => session.call("echo_echo", `{"message":"rm -rf /"}`);
      await system().service("policy").process().stop();
      expect(await attack()).toContain("security_pattern");
      await system().service("policy-2").process().stop();
      await until(async () => (await attack()).includes(`"text":"rm -rf /"`), {
        what: "calls pass without a decision",
      });
      await system().service("policy").restart();
      await until(async () => (await attack()).includes("security_pattern"), { what: "calls are decided again" });

      const texts = new Set((await load.stop()).map(({ text }) => text));
      expect([...texts]).toEqual(["m"]);
      const degraded = { rule: "gateway.failure_modes.policy", dependency: "policy", mode: "open" };
      const all = await decisions(system(), { server_name: "echo", from, limit: "1000" });
      const undecided = all.filter(({ revision }) => revision === "none");
      expect(undecided.length).toBeGreaterThan(0);
      for (const decision of undecided) expect(decision).toMatchObject({ decision: "allowed", degraded: [degraded] });
    });
  },
);

const own: Container[] = [];
afterAll(async () => {
  for (const container of own) await container.close();
});

if (await hasImages(REDIS, NATS)) {
  describeDistributed("without its servers", startOnOwnServers, (system) => {
    test("Redis under load: closed limits deny, open ones let pass, local ones count here, and each decision says so", async () => {
      const clients = await Promise.all(Array.from({ length: 4 }, () => connectV2(system().url())));
      const load = startSteadyLoad(clients, "echo_echo", "m");
      const session = await openRaw(system().url());
      await own[0]!.kill();
      const counters = await firstDenial(session);
      expect(counters).toContain("counters_unavailable");

      const call = async (server: string) =>
        (await session.call(`${server}_echo`, `{"message":"m"}`)).includes(`"text":"m"`);
      const permitted = async (server: string) => {
        let count = 0;
        for (let calls = 0; calls < 8; calls += 1) if (await call(server)) count += 1;
        return count;
      };
      expect(await permitted("open")).toBe(8);
      expect(await permitted("local")).toBe(5);

      await own[0]!.start();
      await recovered(session);
      const answers = await load.stop();
      const others = answers.filter(({ text }) => text !== "m" && !text.includes("rate counters are not reachable"));
      expect(others).toEqual([]);
      expect(answers.at(-1)?.text).toBe("m");

      for (const [server, mode] of [
        ["open", "open"],
        ["local", "local"],
      ] as const) {
        const [decision] = await decisions(system(), { server_name: server, decision: "allowed" });
        expect(decision?.degraded).toEqual([{ rule: `${server}.rate_limit`, dependency: "counters", mode }]);
      }
    });

    test.each([
      ["Redis", 0, /Governance denied: [^"]*(counter|redis)/i],
      ["NATS", 1, /Governance denied: [^"]*(policy service|NATS)/i],
    ])("%s, calls are denied by name of what is missing, and permitted soon after its return", async (_n, at, says) => {
      const session = await openRaw(system().url());
      await recovered(session);
      await own[at]!.kill();
      const began = performance.now();
      expect(await firstDenial(session)).toMatch(says);
      expect(performance.now() - began).toBeLessThan(10_000);
      await own[at]!.start();
      await recovered(session);
    });
  });
} else if (process.env.REQUIRE_ALL_ADAPTERS === "1") {
  throw new Error(`without its servers (distributed): needs Docker with ${REDIS} and ${NATS}`);
} else {
  console.warn(`SKIPPED without its servers (distributed): needs Docker with ${REDIS} and ${NATS}, to kill them`);
}

async function startOnOwnServers() {
  const redis = await startContainer({ name: REDIS, port: 6379 });
  own.push(redis);
  const nats = await startContainer({ name: NATS, port: 4222, args: ["-js", "-sd", "/data"] });
  own.push(nats);
  return startDistributed(settings, {
    ...serversOf(process.env),
    redisUrl: `redis://${redis.address}`,
    natsUrl: `nats://${nats.address}`,
  });
}
