import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { RANGE } from "../../test/artifacts.ts";
import { after } from "../../test/builders.ts";
import { CALLS, HOSTILE, seedReported } from "../../test/reported.ts";
import type { RecordStore, Write } from "../record-store.ts";
import { attentionOf } from "./attention.ts";
import { renderReport } from "./html.ts";
import { makeReport, type Report } from "./report.ts";

const later = new Date(RANGE.to.getTime() + 1_000);
const DENIED = CALLS / 10;

for (const [name, open, available] of recordStores(process.env.MONGODB_URI))
  describe.runIf(available)(`row 147: a compliance report from ${name}`, () => {
    let store: RecordStore;
    let report: Report;
    const { signal } = new AbortController();
    const make = (change: Partial<Parameters<typeof makeReport>[0]> = {}) =>
      makeReport({
        ...{ store, ...RANGE, signal, by: "ada", now: later },
        retention: { tool_logs: 90, artifacts: 30, alerts: 400, usage_minutes: 7, usage_hours: 400 },
        checkIntegrity: async () => {
          throw new Error("the store was away");
        },
        ...change,
      });

    beforeAll(async () => {
      store = await open();
      await seedReported(store);
      report = await make();
    });
    afterAll(() => store.close());

    test("counts each call once, by its end and by who called what", () => {
      const { calls } = report;
      expect(calls).toMatchObject({
        total: CALLS + 1,
        success: CALLS - DENIED,
        denied: DENIED,
        error: 0,
        unknown: 0,
        open: 1,
      });
      expect(calls.servers.rows).toEqual([
        { names: ["weather"], count: 401, marks: expect.objectContaining({ open: 1 }) },
        { names: ["files"], count: 200, marks: expect.objectContaining({ denied: 20, success: 180 }) },
      ]);
      expect(calls.principals.rows.map(({ names, count }) => [...names, count])).toEqual([
        ["ada", 300],
        ["grace", 300],
        [expect.stringContaining("<img"), 1],
      ]);
      expect(calls.transport.rows).toMatchObject([{ names: ["ok"], count: CALLS - DENIED }]);
      expect(calls.first_at).toEqual(RANGE.from);
    });

    test("counts denials by code, rule, server, principal and tool", () => {
      const { denials } = report.calls;
      expect(denials.codes.rows).toMatchObject([{ names: ["rate_limit"], count: DENIED }]);
      expect(denials.rules.rows).toMatchObject([{ names: ["weather.rate_limit"], count: DENIED }]);
      expect(denials.principals.rows).toMatchObject([{ names: ["grace"], count: DENIED }]);
      expect(denials.tools.rows).toHaveLength(2);
      expect(report.decisions).toMatchObject({ total: CALLS + 1, denied: DENIED, allowed: CALLS - DENIED + 1 });
    });

    test("says how much is covered, and what is not", () => {
      expect(report.coverage).toMatchObject({
        servers: { configured: ["files", "idle", "weather"], active: 3, without_calls: ["idle"] },
        tools: { inventory: 2, called: 1, never_called: { of: 1, tools: [{ tool_name: "history" }] } },
        calls: { with_decision: CALLS + 1, with_end: CALLS },
        decisions_alone: 0,
        dead_letters: { in_period: 1, unresolved: 1 },
        recording_off: [{ server_name: "files", setting: "detailed_tracking" }],
      });
      expect(report.coverage.tools.not_in_inventory.of).toBe(2);
      expect(report.calls.silences).toEqual([]);
    });

    test("tells who changed the policy, why and what, who read the record, what was exported, and what alerted", () => {
      expect(report.policy.in_force_before).toMatchObject({ revision: "r1-0123456789ab" });
      expect(report.policy.changes).toMatchObject({
        of: 1,
        items: [{ who: "ada", changes: [{ path: "servers.weather.rate_limit", before: "100", after: "7" }], more: 0 }],
      });
      expect(report.access).toMatchObject({
        total: 1,
        readers: { rows: [{ names: ["admin"], count: 1 }] },
        artifacts: { of: 1, items: [{ kind: "export", requested_by: "grace" }] },
      });
      expect(report.alerts).toMatchObject({ alerts: { of: 1, items: [{ rule: "violations", status: "firing" }] } });
      expect(report.retention).toMatchObject({ days: { tool_logs: 90 }, runs: { of: 1, items: [{ chains: 0 }] } });
      expect(report.deployments).toMatchObject([{ deployment_mode: "hybrid", total_servers: 3 }]);
    });

    test("is made without a check of integrity that failed, and says so before all else", () => {
      expect(report).toMatchObject({ integrity: null, integrity_error: "the store was away" });
      expect(attentionOf(report)[0]).toBe("The integrity of the record was not checked: the store was away");
    });

    test("a critical alert that still fires needs attention, also one from before the period", async () => {
      const firing = (id: string, timestamp: Date): Write => {
        const set = { rule: "upstream-down", severity: "critical", status: "firing", sentence: "away", timestamp };
        return { collection: "alerts", id, set };
      };
      const sentence = (count: number) => `Critical alerts that are still firing: ${count}.`;
      await store.apply([firing("before", new Date(after(-86_400_000))), firing("not-yet", RANGE.to)]);
      expect(attentionOf(await make())).toContain(sentence(2));
      await store.remove("alerts", ["before", "not-yet"]);
      expect(attentionOf(await make())).toContain(sentence(1));
    });

    test("is about the servers that were asked for", async () => {
      const { calls, coverage } = await make({ servers: ["files"] });
      expect(calls).toMatchObject({ total: 200, denied: 20 });
      expect(coverage.servers.configured).toEqual(["files"]);
    });

    test("names times of an hour and more without a call", async () => {
      const { calls } = await make({ to: new Date(after(10 * 3_600_000)) });
      expect(calls.silences).toEqual([{ from: new Date(after(1_000_000)), to: new Date(after(10 * 3_600_000)) }]);
    });

    test("shows hostile names as text", () => {
      const page = renderReport(report);
      expect(page).not.toContain("<img");
      expect(page).toContain("&lt;img src=x onerror=&quot;alert(&#39;1&#39;)&quot;&gt;&amp;amp;");
      for (const sign of HOSTILE.slice(-2)) expect(page).not.toContain(sign);
      expect(page).not.toMatch(/<script|javascript:|https?:/i);
    });

    test("is left off when the signal says so", async () => {
      const stopped = AbortSignal.abort(new Error("stopping"));
      await expect(make({ signal: stopped })).rejects.toThrow("stopping");
    });
  });
