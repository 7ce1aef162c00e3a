import { randomUUID } from "node:crypto";
import type { Batch, Published } from "@mcp-governance-bridge/shared";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { aTracker } from "../test/a-tracker.ts";
import { recordStores } from "../test/adapters/record-stores.ts";
import { batchesOf, scrambled } from "../test/any-facts.ts";
import {
  aBatch,
  aCatalogue,
  aCompleted,
  aConfigLoaded,
  aDecided,
  aDenied,
  after,
  anUpstreamChange,
  aPermit,
  aPolicyChanged,
  aShadow,
} from "../test/builders.ts";
import { toJsonText } from "./payload.ts";
import type { Collection, Document, RecordStore } from "./record-store.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

describe.each(recordStores(uri))("the tracker on %s", (_name, open, available) => {
  let store: RecordStore;
  let handle: (batch: Batch) => Promise<void>;
  beforeAll(async () => {
    if (!available) return;
    store = await open();
    handle = await aTracker(store);
  });
  afterAll(() => store?.close());

  const all = (collection: Collection, match: Document) =>
    store.aggregate(collection, [{ $match: match }, { $project: { stored_at: 0 } }, { $sort: { _id: 1 } }]);

  test.runIf(available)(
    "keeps the same documents however often and in whatever order the facts of calls come",
    async () => {
      await fc.assert(
        fc.asyncProperty(scrambled, async (scramble) => {
          const session = randomUUID();
          const facts = factsOf(session);
          await handle(aBatch(...facts));
          const read = async () => [
            await all("tool_logs", { session_id: session }),
            await all("governance_logs", { session_id: session }),
          ];
          const expected = withoutIds(await read());

          const again = randomUUID();
          for (const batch of batchesOf(factsOf(again), scramble)) await handle(aBatch(...batch));
          const documents = [
            await all("tool_logs", { session_id: again }),
            await all("governance_logs", { session_id: again }),
          ];
          expect(withoutIds(documents)).toEqual(expected);
        }),
        { numRuns: 12 },
      );
    },
  );

  test.runIf(available)(
    "marks servers that are configured no longer, also when the news come in the wrong order",
    async () => {
      const [kept, gone] = [randomUUID(), randomUUID()];
      const before = aConfigLoaded(after(0), [kept, gone]);
      const now = aConfigLoaded(after(1_000), [kept]);
      for (const event of [now, before, before, now]) {
        await handle(aBatch(event));
      }
      const activity = (await all("servers", { _id: { $in: [kept, gone] } })).map(({ _id, is_active }) => [
        _id,
        is_active,
      ]);
      expect(Object.fromEntries(activity)).toEqual({ [kept]: true, [gone]: false });
    },
  );

  test.runIf(available)("marks tools that a server offers no longer, and leaves those of others alone", async () => {
    const [server, other] = [randomUUID(), randomUUID()];
    await handle(aBatch(aCatalogue(after(1), server, ["read", "write"]), aCatalogue(after(1), other, ["write"])));
    await handle(aBatch(aCatalogue(after(2), server, ["read"])));
    const tools = await all("server_tools", { server_name: { $in: [server, other] } });
    expect(Object.fromEntries(tools.map(({ _id, is_active }) => [_id, is_active]))).toEqual({
      [`${server}/read`]: true,
      [`${server}/write`]: false,
      [`${other}/write`]: true,
    });
  });

  test.runIf(available)("keeps a server's newest state beside its settings", async () => {
    const server = randomUUID();
    await handle(aBatch(anUpstreamChange(after(9_000), server, "connected")));
    await handle(aBatch(anUpstreamChange(after(8_000), server, "disconnected"), aConfigLoaded(after(2_000), [server])));
    expect(await all("servers", { _id: server })).toMatchObject([
      { server_name: server, state: "connected", is_active: true, rate_limit: 100, transport: "stdio" },
    ]);
  });

  test.runIf(available)(
    "rows 91 and 93: keeps the newest settings in force, whichever of file and policy is told first",
    async () => {
      for (const sequence of [
        [0, 1, 2, 3],
        [3, 2, 1, 0],
        [2, 0, 3, 1],
      ]) {
        const server = randomUUID();
        const revision = (milliseconds: number, number: number, rate_limit: number) =>
          aPolicyChanged(after(milliseconds), { number, servers: { [server]: { rate_limit } } });
        const facts = [
          aConfigLoaded(after(0), [server]),
          revision(1, 1, 100),
          revision(500, 2, 7),
          aConfigLoaded(after(900), [server]),
        ];
        for (const index of sequence) await handle(aBatch(facts[index]!));
        expect(await all("governance_configs", { _id: server })).toMatchObject([
          {
            rate_limit: 7,
            policy_revision: "r2-0123456789ab",
            governance_prefix: "governed",
            enabled_at: new Date(after(900)),
          },
        ]);
      }
    },
  );

  test.runIf(available)("keeps each revision of the policy, whatever its settings are called", async () => {
    const revision = `r7-${randomUUID()}`;
    const servers = { "a.b": { rate_limit: 1, labels: { $odd: 9 } }, weather: {} };
    await handle(aBatch(aPolicyChanged(after(5), { number: 7, servers, revision })));
    const [kept] = await all("policy_revisions", { _id: revision });
    expect(kept).toMatchObject({ number: 7, who: "ada", timestamp: new Date(after(5)) });
    expect(JSON.parse(toJsonText(kept?.document)).servers).toEqual(servers);
  });

  test.runIf(available)("row 71: keeps each decision once, with all that it was made from", async () => {
    const facts = { at: after(1), labels: ["private_data"], counters: [{ rule: "a.b.$c", used: 1, permits: 2 }] };
    const decision = aPermit({ facts, shadows: [aShadow({ rule: "x.y" })] });
    const decided = aDecided({ decision });
    for (const fact of [decided, aCompleted(decided), decided]) await handle(aBatch(fact));
    expect(await all("governance_logs", { call_id: decided.event.callId })).toMatchObject([
      {
        _id: decision.decisionId,
        facts: { ...facts, at: new Date(after(1)) },
        shadows: decision.shadows,
        shadow_denied: true,
      },
    ]);
  });

  test.runIf(available)("keeps what can never be processed", async () => {
    const letter = { subject: "governance.call.decided", payload: randomUUID(), reason: "not JSON" };
    for (const redelivered of [0, 1]) await handle({ events: [], dead: [letter], redelivered });
    expect(await all("dead_letters", { payload: letter.payload })).toMatchObject([letter]);
  });
});

/** Three calls with their ends, and one that was denied. The same but for ids. */
function factsOf(sessionId: string): Published[] {
  const calls = [1, 2, 3].map((n) => aDecided({ sessionId, startedAt: after(n), target: `tool${n}` }));
  const ends = calls.map((call, n) =>
    aCompleted(call, { sessionId, target: `tool${n + 1}`, status: n === 0 ? "error" : "success" }),
  );
  return [...calls, ...ends, aDenied({ sessionId, target: "tool4", startedAt: after(4) })];
}

const ID_MEMBERS = ["_id", "call_id", "decision_id", "session_id"];

function withoutIds(collections: Document[][]): Document[][] {
  return collections.map((documents) =>
    documents
      .map((document) => Object.fromEntries(Object.entries(document).filter(([name]) => !ID_MEMBERS.includes(name))))
      .sort((a, b) => String(a.tool_name).localeCompare(String(b.tool_name))),
  );
}
