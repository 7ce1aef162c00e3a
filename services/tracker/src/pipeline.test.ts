import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { aBatch, aDecided, after } from "../test/builders.ts";
import { createPipeline } from "./pipeline.ts";

beforeEach(() => void vi.useFakeTimers({ now: new Date(after(5_000)) }));
afterEach(() => void vi.useRealTimers());

const waiting = async () => ({ waiting: 1, unit: "events" as const });
const batch = aBatch(aDecided({ at: after(4_000) }), aDecided({ at: after(1_000) }), aDecided({ at: after(2_000) }));

test("the lag is the age of the oldest event of the batch", async () => {
  const pipeline = createPipeline(waiting);
  pipeline.begun(batch);
  pipeline.kept();
  vi.advanceTimersByTime(60_000);
  expect(await pipeline.status()).toMatchObject({ lagSeconds: 4, lastBatchAt: new Date(after(5_000)), failure: null });
});

test("the lag grows while a batch cannot be kept, and says why", async () => {
  const pipeline = createPipeline(waiting);
  pipeline.begun(batch);
  pipeline.failed(new Error("no server"));
  vi.advanceTimersByTime(60_000);
  expect(await pipeline.status()).toMatchObject({ lagSeconds: 64, lastBatchAt: null, failure: "no server" });
  pipeline.begun(batch);
  pipeline.kept();
  expect(await pipeline.status()).toMatchObject({ lagSeconds: 64, failure: null });
});

test("there is no lag when nothing waits", async () => {
  const pipeline = createPipeline(async () => ({ waiting: 0, unit: "messages" }));
  pipeline.begun(batch);
  pipeline.kept();
  expect(await pipeline.status()).toMatchObject({ lagSeconds: 0, backlog: { waiting: 0, unit: "messages" } });
});

test("a bus that cannot tell its backlog leaves it out", async () => {
  const pipeline = createPipeline(() => Promise.reject(new Error("no answer")));
  pipeline.begun(batch);
  expect(await pipeline.status()).toMatchObject({ lagSeconds: 4, backlog: undefined });
});
