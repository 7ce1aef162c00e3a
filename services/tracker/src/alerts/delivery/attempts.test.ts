import { describe, expect, test } from "vitest";
import { pendingDelivery } from "../alert.ts";
import { afterTry, deliveriesOf, dueOf, merged, withoutWebhook } from "./attempts.ts";

const at = (seconds: number) => new Date(1_700_000_000_000 + seconds * 1_000);
const refused = { status: 500, error: "answered 500" };
const fine = { status: 200, error: null };

/** Tries until nothing more is tried; answers the seconds at which, and the delivery. */
function tryUntilSettled(sent: (attempt: number) => Parameters<typeof afterTry>[1]) {
  const times: number[] = [];
  let delivery = pendingDelivery("pager", "firing");
  let now = at(0);
  while (delivery.status === "pending") {
    times.push((now.getTime() - at(0).getTime()) / 1_000);
    delivery = afterTry(delivery, sent(times.length), now);
    now = delivery.next_at ?? now;
  }
  return { times, delivery };
}

describe("tries", () => {
  test("come later and later, and end after a day", () => {
    const { times, delivery } = tryUntilSettled(() => refused);
    expect(times.slice(0, 9)).toEqual([0, 10, 30, 70, 150, 310, 630, 1_270, 2_170]);
    expect(times.at(-1)).toBeGreaterThan(85_000);
    expect(times.at(-1)).toBeLessThanOrEqual(86_400);
    expect(delivery).toMatchObject({ status: "failed", next_at: null, last_error: "answered 500" });
  });

  test("end with the first that succeeds", () => {
    const { times, delivery } = tryUntilSettled((attempt) => (attempt === 3 ? fine : refused));
    expect(times).toEqual([0, 10, 30]);
    expect(delivery).toMatchObject({ status: "delivered", attempts: 3, last_error: null, delivered_at: at(30) });
  });

  test("wait as long as the receiver asks, and no less than ever", () => {
    const first = pendingDelivery("pager", "firing");
    expect(afterTry(first, { ...refused, retryAfterMs: 120_000 }, at(0)).next_at).toEqual(at(120));
    expect(afterTry(first, { ...refused, retryAfterMs: 0 }, at(0)).next_at).toEqual(at(10));
  });

  test("end where the receiver asks to wait beyond all time", () => {
    const first = pendingDelivery("pager", "firing");
    for (const retryAfterMs of [86_400_001, 8.64e15, 1e20]) {
      expect(afterTry(first, { ...refused, retryAfterMs }, at(0))).toMatchObject({ status: "failed", next_at: null });
    }
  });

  test("end where the receiver wants no more, or there is none", () => {
    expect(tryUntilSettled(() => ({ ...refused, isFinal: true })).times).toEqual([0]);
    expect(withoutWebhook(pendingDelivery("gone", "firing"))).toMatchObject({
      status: "failed",
      last_error: "the webhook is not configured",
    });
  });
});

describe("the end of an alert", () => {
  const firing = pendingDelivery("pager", "firing");

  test("is told to whoever was to hear of its beginning", () => {
    expect(deliveriesOf({ status: "firing", deliveries: [firing] })).toEqual([firing]);
    const both = deliveriesOf({ status: "resolved", deliveries: [firing] });
    expect(both).toEqual([firing, pendingDelivery("pager", "resolved")]);
    expect(deliveriesOf({ status: "resolved", deliveries: both })).toEqual(both);
    expect(deliveriesOf({ status: "resolved", deliveries: [] })).toEqual([]);
  });

  test("is told after its beginning", () => {
    const both = [firing, pendingDelivery("pager", "resolved")];
    expect(dueOf(both, at(0)).map(({ state }) => state)).toEqual(["firing"]);
    const told = merged(both, [afterTry(firing, fine, at(0))]);
    expect(dueOf(told, at(0)).map(({ state }) => state)).toEqual(["resolved"]);
    const waiting = merged(both, [afterTry(firing, refused, at(0))]);
    expect(dueOf(waiting, at(9))).toEqual([]);
    expect(dueOf(waiting, at(10)).map(({ state }) => state)).toEqual(["firing"]);
  });

  test("what is settled stays settled", () => {
    const delivered = afterTry(firing, fine, at(0));
    expect(merged([delivered], [afterTry(firing, refused, at(1))])).toEqual([delivered]);
  });
});
