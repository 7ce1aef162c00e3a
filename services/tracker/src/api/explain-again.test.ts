import type { DecisionFacts, Published } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { aPolicyAdmin } from "../../test/a-policy-admin.ts";
import { anApi } from "../../test/a-policy-api.ts";
import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { aBatch, aDecided, aDenied, after, aPermit } from "../../test/builders.ts";
import type { RecordStore } from "../record-store.ts";
import { toWrites } from "../records/to-writes.ts";

let store: RecordStore;
beforeEach(async () => {
  store = await aLmdbStore();
});
afterEach(() => store.close());

describe("GET /governance/decisions/:id/explain", () => {
  const facts: DecisionFacts = { at: after(1), labels: ["private_data"], counters: [] };
  const decision = aPermit({ revision: "r12-0123456789ab", facts });

  const explanation = { effect: "permit", revision: "r12-0123456789ab", steps: [] };

  async function explained(...events: Published[]) {
    await store.apply(toWrites(aBatch(...events), new Date()));
    const { asked, policy } = aPolicyAdmin({ explain: () => explanation });
    const { app } = anApi({ store, policy, edits: "off" });
    const response = await app.request(`/governance/decisions/${decision.decisionId}/explain`);
    return { asked, data: JSON.parse(await response.text()).data };
  }

  test("asks again by the decision's revision, at its time, with its labels and arguments", async () => {
    const decided = aDecided({ decision, roles: ["dev"], annotations: { readOnlyHint: true } });
    const { asked, data } = await explained(decided);
    const { callId, sessionId, principal, roles, annotations, client, server, method, target } = decided.event;
    const request = { callId, sessionId, principal, roles, annotations, client, server, method, target };
    expect(asked).toEqual([
      {
        ask: "explain",
        number: 12,
        at: after(1),
        labels: ["private_data"],
        request: { ...request, arguments: { city: "Bern" } },
      },
    ]);
    expect(data).toMatchObject({
      decision: { decision_id: decision.decisionId },
      explanation,
      notes: [],
    });
  });

  test.each([
    ["were not kept", null, "The arguments were not kept (log_inputs): none are assumed."],
    [
      "were kept in part",
      { text: '{"city":"Be', size: 90_000, truncated: true },
      "The arguments were kept in part only (max_log_size): none are assumed.",
    ],
  ])("says that the arguments %s", async (_what, inputs, note) => {
    const { asked, data } = await explained(aDecided({ decision, inputs }));
    expect(asked).toMatchObject([{ request: { arguments: {} } }]);
    expect(data.notes).toContain(note);
  });

  test("passes arguments on that a database cannot hold", async () => {
    const inputs = { text: '{"a.b":{"$where":1}}', size: 20, truncated: false };
    const { asked } = await explained(aDecided({ decision, inputs }));
    expect(asked).toMatchObject([{ request: { arguments: { "a.b": { $where: 1 } } } }]);
  });

  test("says that it comes out otherwise, as it does where a limit was used up", async () => {
    const denied = aDenied();
    const { data } = await explained({
      ...denied,
      event: { ...denied.event, decision: { ...denied.event.decision, decisionId: decision.decisionId } },
    });
    expect(data.notes).toContain(
      "It comes out otherwise than it did: limits are explained as if nothing had used them up.",
    );
  });

  test("says that the number now stands for another revision", async () => {
    const forgotten = { ...decision, revision: "r12-ffffffffffff" };
    const { data } = await explained(aDecided({ decision: forgotten }));
    expect(data.notes).toContain("Revision r12-ffffffffffff is not kept: this is r12-0123456789ab.");
  });

  test("has nothing to ask where no policy was reached", async () => {
    const unreached = aPermit({ decisionId: decision.decisionId, revision: "none", facts: null });
    const { asked, data } = await explained(aDecided({ decision: unreached }));
    expect(asked).toEqual([]);
    expect(data).toMatchObject({ explanation: null, notes: ["No policy was reached, so that no rule was looked at."] });
  });
});
