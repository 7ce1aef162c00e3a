import { describe, expect, test } from "vitest";
import { aFiguresApi, current } from "../../test/a-figures-api.ts";
import { type KnownCall, knownCalls, NOW } from "../../test/a-figures-record.ts";
import { noPolicy } from "../../test/a-policy-admin.ts";
import { recordStores } from "../../test/adapters/record-stores.ts";
import { withFigures } from "../../test/with-figures.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

const within = (from: string, to: string, filter: Partial<KnownCall> = {}): KnownCall[] =>
  knownCalls.filter(
    (call) =>
      call.at >= new Date(from) &&
      call.at < new Date(to) &&
      Object.entries(filter).every(([name, value]) => call[name as keyof KnownCall] === value),
  );
const counted = (calls: readonly KnownCall[]) => {
  const of = (status: KnownCall["status"]): number => calls.filter((call) => call.status === status).length;
  const [success, error, denied] = [of("success"), of("error"), of("denied")];
  return {
    total_calls: calls.length,
    successful_calls: success,
    failed_calls: error,
    denied_calls: denied,
    unknown_calls: of("unknown"),
  };
};
const durationsOf = (calls: readonly KnownCall[]): number[] =>
  calls.filter(({ status }) => status === "success" || status === "error").map(({ ms }) => ms);

describe.each(recordStores(uri))("questions on figures in %s", (_name, open, available) => {
  const { store, api } = withFigures(open, available);

  test.runIf(available).each([
    ["?hours=1", "minute"],
    ["?hours=2", "minute"],
    ["", "hour"],
    ["?hours=72", "hour"],
    ["?hours=100", "day"],
    ["?from=2026-03-05T11:33:20Z&to=2026-03-05T12:00:00%2B00:00", "minute"],
    ["?from=2026-03-01T00:00:00Z", "day"],
    ["?server_name=files&hours=100", "day"],
    ["?tool_name=write&hours=50", "hour"],
    ["?principal=ada&hours=1", "hour"],
  ])("row 101: metrics%s count every call of the time they say they cover, by %ss", async (query, span) => {
    const { server_name: server, tool_name: tool, principal } = Object.fromEntries(new URLSearchParams(query));
    const filter = JSON.parse(JSON.stringify({ server, tool, principal }));
    const { summary, tools, servers, ...data } = await api().ask(`/metrics${query}`);
    expect(data).toMatchObject({ span, fresh_to: NOW.toISOString() });
    const calls = within(data.from, data.to, filter);
    expect(calls.length).toBeGreaterThan(0);
    const durations = durationsOf(calls);
    expect(summary).toMatchObject({
      ...counted(calls),
      min_duration_ms: Math.min(...durations),
      max_duration_ms: Math.max(...durations),
      unique_servers: new Set(calls.map((call) => call.server)).size,
      unique_tools: new Set(calls.map((call) => `${call.server}/${call.tool}`)).size,
    });
    const average = durations.reduce((sum, ms) => sum + ms, 0) / durations.length;
    expect(summary.avg_duration_ms).toBeCloseTo(average, 2);
    for (const { server_name, tool_name, ...tool } of tools) {
      expect(tool).toMatchObject(
        counted(within(data.from, data.to, { ...filter, server: server_name, tool: tool_name })),
      );
    }
    for (const { server_name, ...figures } of servers) {
      expect(figures).toMatchObject(counted(within(data.from, data.to, { ...filter, server: server_name })));
    }
  });

  test.runIf(available)("metrics tell decisions, except where calls of a tool or principal are asked for", async () => {
    const { governance, from, to } = await api().ask("/metrics?hours=240");
    const calls = within(from, to);
    const denied = calls.filter(({ status }) => status === "denied").length;
    expect(governance).toMatchObject({
      total_decisions: calls.length,
      denied_decisions: denied,
      allowed_decisions: calls.length - denied,
      approval_rate: Math.round((100_000 * (calls.length - denied)) / calls.length) / 1_000,
    });
    expect(governance.would_be_denials).toBeGreaterThan(0);
    expect((await api().ask("/metrics?tool_name=read")).governance).toBeNull();
  });

  test.runIf(available)(
    "row 102: violations are listed newest first, and counted by code, server and hour",
    async () => {
      const data = await api().ask("/violations?hours=72");
      const denied = within(data.from, data.to, { status: "denied" });
      expect(data.total).toBe(denied.length);
      expect(data.by_code).toEqual([{ code: "rate_limit", count: denied.length }]);
      const sumOf = (rows: { count: number }[]) => rows.reduce((sum, { count }) => sum + count, 0);
      expect(sumOf(data.by_server)).toBe(denied.length);
      for (const { server_name, at, count } of data.heat_map) {
        const end = new Date(Date.parse(at) + 3_600_000).toISOString();
        expect(within(at, end, { status: "denied", server: server_name })).toHaveLength(count);
      }
      expect(sumOf(data.heat_map)).toBe(denied.length);
      expect(data.denials).toHaveLength(denied.length);
      expect(data.denials[0]).toMatchObject({
        code: "rate_limit",
        reason: "Rate limit exceeded: 5/5 requests per minute",
      });
      const times = data.denials.map(({ timestamp }: { timestamp: string }) => timestamp);
      expect(times).toEqual([...times].sort().reverse());
    },
  );

  test.runIf(available)("violations of minutes are told by the hour in the heat map", async () => {
    const { span, heat_map } = await api().ask("/violations?hours=2");
    expect(span).toBe("minute");
    expect(heat_map.length).toBeGreaterThan(0);
    for (const { at } of heat_map) expect(at).toMatch(/:00:00\.000Z$/);
  });

  test.runIf(available)("pages of violations and of tools and calls go on where the one before ended", async () => {
    const all = async (path: string, listOf: (data: never) => unknown[]) => {
      const found: unknown[] = [];
      for (let cursor = ""; ; ) {
        const { data, next } = await api().get(`${path}limit=2${cursor}`);
        found.push(...listOf(data as never));
        if (next === undefined || next === null) return found;
        cursor = `&cursor=${next}`;
      }
    };
    const denials = (data: { denials: unknown[] }) => data.denials;
    expect(await all("/violations?hours=240&", denials)).toEqual((await api().ask("/violations?hours=240")).denials);
    const tools = (data: { tools: unknown[] }) => data.tools;
    expect(await all("/tools?", tools)).toEqual((await api().ask("/tools")).tools);
    const calls = (data: { calls: unknown[] }) => data.calls;
    expect(await all("/sessions/session-1?", calls)).toEqual((await api().ask("/sessions/session-1")).calls);
    const sessions = (data: unknown[]) => data;
    expect(await all("/sessions?", sessions)).toEqual(await api().ask("/sessions"));
  });

  test.runIf(available)(
    "row 100: servers are told with state, settings, tools and figures; none is active for ever",
    async () => {
      const { active, total, servers } = await api().ask("/servers");
      expect({ active, total }).toEqual({ active: 2, total: 2 });
      expect(servers).toMatchObject([
        {
          server_name: "files",
          is_active: true,
          state: "connected",
          transport: "stdio",
          rate_limit: 100,
          port: 8173,
          tools: 2,
          settings: { rate_limit: 100, governance_prefix: "governed" },
          last_hour: counted(within("2026-03-05T11:34:00Z", "2026-03-05T12:35:00Z", { server: "files" })),
          last_day: counted(within("2026-03-04T12:00:00Z", "2026-03-05T13:00:00Z", { server: "files" })),
        },
        { server_name: "web", state: null, state_at: null, tools: 0 },
      ]);
      expect(await api().ask("/servers/files")).toEqual(servers[0]);
      expect(await api().get("/servers/none")).toMatchObject({ status: "error", code: "record.unknown" });
    },
  );

  test.runIf(available)("row 90: the inventory has definitions, and what was used of it", async () => {
    const { tools, from, to } = await api().ask("/tools");
    expect(tools).toMatchObject([
      {
        server_name: "files",
        tool_name: "read",
        public_name: "governed_read",
        definition: { name: "read", inputSchema: { type: "object" } },
        is_active: true,
        usage: counted(within(from, to, { server: "files", tool: "read" })),
      },
      { tool_name: "write" },
    ]);
    expect((await api().ask("/tools?active=false")).tools).toEqual([]);
  });

  test.runIf(available)("row 150: usage is told by principal, server, tool and pair", async () => {
    for (const query of ["by=principal", "by=server&principal=ada", "by=tool&hours=240", "by=pair&principal=bob"]) {
      const { rows, total, from, to } = await api().ask(`/usage?${query}`);
      const asked = new URLSearchParams(query).get("principal") ?? undefined;
      expect(rows.length).toBe(total);
      for (const { server_name: server, tool_name: tool, principal = asked, ...figures } of rows) {
        const filter = JSON.parse(JSON.stringify({ server, tool, principal }));
        expect(figures).toMatchObject(counted(within(from, to, filter)));
      }
      const sum = rows.reduce((calls: number, row: { total_calls: number }) => calls + row.total_calls, 0);
      expect(sum).toBe(within(from, to, asked === undefined ? {} : { principal: asked }).length);
    }
  });

  test.runIf(available)("row 137: a time series has a point for every span", async () => {
    const { series, from, to } = await api().ask("/timeseries?metric=errors&by=server&span=hour&hours=72");
    for (const { server_name, points } of series) {
      expect(points[0].at).toBe(from);
      expect(points).toHaveLength((Date.parse(to) - Date.parse(from)) / 3_600_000);
      for (const { at, value } of points) {
        const end = new Date(Date.parse(at) + 3_600_000).toISOString();
        expect(within(at, end, { server: server_name, status: "error" })).toHaveLength(value);
      }
    }
    const latency = (await api().ask("/timeseries?metric=latency&hours=1")).series[0].points;
    expect(latency.some(({ p95 }: { p95: number | null }) => p95 !== null)).toBe(true);
    expect(latency.find(({ value }: { value: number | null }) => value === null)).toMatchObject({
      p50: null,
      p99: null,
    });
  });

  test.runIf(available)("row 151: percentiles of latency, and where the time went", async () => {
    const { overall, servers, from, to } = await api().ask("/latency?hours=240");
    const sorted = durationsOf(within(from, to)).sort((a, b) => a - b);
    const median = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
    expect(Math.abs(overall.p50_duration_ms - median) / median).toBeLessThan(0.045);
    expect(overall).toMatchObject({ calls: sorted.length, gateway_ms: 2.6, policy_ms: 0.4, upstream_ms: 17 });
    expect(servers).toHaveLength(2);
  });

  test.runIf(available)("row 135: rules are told with what they did, and those that did nothing", async () => {
    const { rules, total_denials, policy, policy_error } = await api().ask("/effectiveness?hours=240");
    const denied = knownCalls.filter(({ status }) => status === "denied");
    expect(total_denials).toBe(denied.length);
    const of = (name: string) => rules.find(({ rule }: { rule: string }) => rule === name);
    const byFiles = denied.filter(({ server }) => server === "files");
    expect(of("files.rate_limit")).toMatchObject({
      denials: byFiles.length,
      permits: 0,
      would_be_denials: 0,
      codes: ["rate_limit"],
      principals: new Set(byFiles.map(({ principal }) => principal)).size,
      principals_exact: true,
    });
    expect(of("policies.allow-all").permits).toBeGreaterThan(0);
    expect(of("policies.on-trial")).toMatchObject({ denials: 0, permits: 0 });
    expect(of("policies.on-trial").would_be_denials).toBeGreaterThan(0);
    expect(policy).toEqual({
      revision: current.revision,
      never_hit: [
        { rule: "files.limits.daily", effect: "limit", shadow: false },
        { rule: "web.policies.never", effect: "deny", shadow: false },
      ],
    });
    expect(policy_error).toBeNull();
  });

  test.runIf(available)("what rules did is told also while the policy service is away", async () => {
    const { rules, policy, policy_error } = await aFiguresApi(store(), noPolicy).ask("/effectiveness");
    expect(rules.length).toBeGreaterThan(0);
    expect({ policy, policy_error }).toEqual({ policy: null, policy_error: "the policy service is not running" });
  });

  test.runIf(available)("row 115: the overview has servers, the last hour, and the last refresh", async () => {
    expect(await api().ask("/overview?hours=240")).toMatchObject({
      servers: { active: 2, total: 2 },
      last_hour: counted(within("2026-03-05T11:34:00Z", "2026-03-05T12:35:00Z")),
      totals: counted(knownCalls),
      last_refresh: NOW.toISOString(),
    });
  });

  test.runIf(available)("row 141: a session is more than a call, and has its calls in order", async () => {
    const sessions = await api().ask("/sessions");
    expect(sessions).toHaveLength(5);
    const [newest] = sessions;
    expect(newest).toMatchObject({ session_id: "session-0", status: "open", more_calls: false });
    expect(newest.calls).toBe(knownCalls.filter((_call, index) => index % 4 === 0).length);
    expect(await api().ask("/sessions?status=closed")).toMatchObject([{ session_id: "session-4", calls: 0 }]);
    expect(await api().ask("/sessions?client_name=inspector")).toHaveLength(2);
    const { session, calls } = await api().ask("/sessions/session-1");
    expect(session).toMatchObject({ session_id: "session-1", principal: "bob" });
    const times = calls.map(({ timestamp }: { timestamp: string }) => timestamp);
    expect(times).toEqual([...times].sort());
    expect(calls).toHaveLength(knownCalls.filter((_call, index) => index % 4 === 1).length);
    expect(await api().get("/sessions/none")).toMatchObject({ status: "error", code: "record.unknown" });
  });
});
