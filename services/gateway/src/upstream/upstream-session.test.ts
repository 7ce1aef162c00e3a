import { describe, expect, test } from "vitest";
import { introduce, json, resultFor, type Seen, startHttpUpstream } from "../../test/http-upstream.ts";
import { aRequest, overHttp, startUpstream } from "../../test/start-upstream.ts";
import { until } from "../../test/until.ts";

describe("an upstream that forgot its session", () => {
  /** Gives a session, and forgets it when told. */
  async function forgetful() {
    const state = { sessions: 0, pause: Promise.resolve() };
    const answer = (seen: Seen): void => {
      const session = seen.headers["mcp-session-id"];
      if (session === "1") json(seen, {}, { status: 404 });
      else json(seen, resultFor(seen, `in session ${session}`));
    };
    const upstream = await startHttpUpstream((seen) => {
      const isNew = seen.rpc.method === "initialize";
      if (isNew) state.sessions += 1;
      const headers = { "mcp-session-id": String(state.sessions) };
      if (isNew) void state.pause.then(() => introduce(seen, { headers }));
      else if (!introduce(seen)) answer(seen);
    });
    const calls = () => upstream.seen.filter(({ rpc }) => rpc.method === "tools/call");
    return { upstream, state, calls };
  }

  test("is introduced anew and gets the call once more, as it had not looked at it", async () => {
    const { upstream, state, calls } = await forgetful();
    const { upstream: one, connected, states } = startUpstream(overHttp(upstream.port));
    await connected();
    expect((await one.request(aRequest()).response).result).toBe("in session 2");
    expect(calls()).toHaveLength(2);
    expect(state.sessions).toBe(2);
    expect(states()).toEqual(["connected", "disconnected", "connected"]);
  });

  test("is introduced once, however many calls met it", async () => {
    const { upstream, state } = await forgetful();
    const { upstream: one, connected } = startUpstream(overHttp(upstream.port));
    await connected();
    const results = await Promise.allSettled([1, 2, 3].map((id) => one.request(aRequest(id)).response));
    expect(results.some(({ status }) => status === "fulfilled")).toBe(true);
    expect(state.sessions).toBe(2);
  });

  test("does not get a call that was cancelled meanwhile", async () => {
    const { upstream, state, calls } = await forgetful();
    const { upstream: one, connected } = startUpstream(overHttp(upstream.port));
    await connected();
    let resume = () => {};
    state.pause = new Promise((resolve) => {
      resume = resolve;
    });
    const { response, cancel } = one.request(aRequest());
    await until(() => state.sessions === 2);
    const cancelled = expect(response).rejects.toMatchObject({ code: "client.cancelled" });
    cancel((id) => `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":${id}}}`);
    resume();
    await cancelled;
    await connected();
    expect(calls()).toHaveLength(1);
  });
});
