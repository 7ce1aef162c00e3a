import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, describe, expect, test } from "vitest";
import { aPolicyService } from "../../test/a-policy-service.ts";
import { aRequest } from "../../test/builders.ts";
import { fileDocument } from "../../test/revisions.ts";
import type { PolicyService } from "../policy-service.ts";
import { createWorkerEvaluator, type WorkerEvaluatorOptions } from "./worker-evaluator.ts";

/** So that the thread, too, runs the source. */
const worker = {
  filename: new URL("../../test/evaluation-worker.mjs", import.meta.url).href,
  execArgv: ["--conditions=source"],
};
const PATIENT_MS = 60_000;

const file = fileDocument({
  servers: {
    weather: {
      rate_limit: 1_000_000,
      blocked_patterns: ["needle"],
      policies: [{ id: "dry", effect: "deny", when: 'args.city == "Oslo"' }],
      limits: [{ id: "city", by: [{ argument: "/city" }], permits: { day: 1 } }],
    },
  },
});

const hay = (megabytes: number) => "hay in the stack ".repeat((megabytes * 2 ** 20) / 17);
const callIds = (function* () {
  for (let next = 0; ; next++) yield `00000000-0000-4000-8000-${next.toString().padStart(12, "0")}`;
})();

describe("a thread for large calls", () => {
  const opened: { close(): Promise<void> }[] = [];
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
  });

  async function aService(options: Partial<WorkerEvaluatorOptions> = {}) {
    const large = createWorkerEvaluator({ log: silentLog, limitMs: PATIENT_MS, worker, ...options });
    const { service } = await aPolicyService({ file, large });
    opened.push(large, service);
    return service;
  }

  const decide = (service: PolicyService, args: object, asBytes = false) => {
    const text = JSON.stringify(args);
    const argumentsText = asBytes ? Buffer.from(`_${text}_`).subarray(1, -1) : text;
    return service.decide({
      ...aRequest({ arguments: undefined, callId: callIds.next().value as string }),
      argumentsText,
    });
  };

  test.each([true, false])(
    "decides as without one: patterns, conditions, limits by argument (as bytes: %s)",
    async (asBytes) => {
      const service = await aService();
      const text = hay(0.1);
      const cases: [args: object, outcome: object][] = [
        [
          { text, city: "Bergen" },
          { effect: "permit", facts: { counters: [{ used: 0 }, { used: 0 }] } },
        ],
        [
          { text, city: "Bergen" },
          { effect: "deny", code: "rate_limit", rule: "weather.limits.city" },
        ],
        [{ text, city: "Narvik" }, { effect: "permit" }],
        [
          { text, city: "Oslo" },
          { effect: "deny", code: "policy_rule", rule: "weather.policies.dry" },
        ],
        [
          { text: `${text} needle`, city: "Voss" },
          { effect: "deny", code: "security_pattern" },
        ],
      ];
      for (const [args, outcome] of cases) expect(await decide(service, args, asBytes)).toMatchObject(outcome);
    },
  );

  test("decides by the revision in force", async () => {
    const service = await aService();
    expect(await decide(service, { text: hay(0.1), city: "Voss" })).toMatchObject({ effect: "permit" });
    const settings = { blocked_patterns: ["hay"] };
    await service.admin.ask({ ask: "edit", scope: { server: "weather" }, settings, who: "ada", why: "" });
    expect(await decide(service, { text: hay(0.1) })).toMatchObject({ effect: "deny", code: "security_pattern" });
  });

  test("a candidate looks at the counters before the call takes anything", async () => {
    const service = await aService();
    const settings = { limits: [{ id: "city", by: [{ argument: "/city" }], permits: { day: 1 } }] };
    await service.admin.ask({ ask: "candidate", scope: { server: "weather" }, settings, who: "ada", why: "" });
    expect(await decide(service, { text: hay(0.1), city: "Voss" })).toMatchObject({ effect: "permit", shadows: [] });
  });

  test("delays nobody else", async () => {
    const service = await aService();
    await decide(service, { text: hay(0.1), city: "Bodø" });
    let isDecided = false;
    const large = decide(service, { text: hay(8), city: "Tromsø" }).finally(() => {
      isDecided = true;
    });
    let meanwhile = 0;
    for (; !isDecided; meanwhile++) {
      await service.decide(aRequest({ arguments: { city: `${meanwhile}` } }));
      await new Promise(setImmediate);
    }
    expect(await large).toMatchObject({ effect: "permit" });
    expect(meanwhile).toBeGreaterThan(20);
  });

  test("gives up what takes too long, says so, and goes on with the next", async () => {
    const service = await aService({ limitMs: 1 });
    expect(await decide(service, { text: hay(8) })).toMatchObject({
      effect: "deny",
      code: "unchecked_arguments",
      rule: "weather.arguments",
      reason: "Arguments cannot be checked: that took more than 1 ms",
    });
    expect(await service.decide(aRequest({ arguments: { city: "Voss" } }))).toMatchObject({ effect: "permit" });
  });

  test("ends the thread of a call that was given up, and evaluates the next in another", async () => {
    const service = await aService({ limitMs: 3_000 });
    const text = hay(0.1);
    expect(await decide(service, { text, city: "Bodø" })).toMatchObject({ effect: "permit" });
    expect(await decide(service, { text, hang: 1 })).toMatchObject({ effect: "deny", code: "unchecked_arguments" });
    expect(await decide(service, { text, city: "Voss" })).toMatchObject({ effect: "permit" });
  });

  test("denies arguments that are no JSON, and more calls than may wait", async () => {
    const service = await aService({ queue: 1 });
    const broken = { ...aRequest({ arguments: undefined }), argumentsText: `{"text":"${hay(0.1)}` };
    expect(await service.decide(broken)).toMatchObject({ effect: "deny", code: "unchecked_arguments" });
    const calls = Array.from({ length: 5 }, (_, index) => decide(service, { text: hay(1), city: `${index}` }));
    const effects = (await Promise.all(calls)).map(({ effect }) => effect);
    expect(effects).toContain("permit");
    expect(effects).toContain("deny");
  });
});
