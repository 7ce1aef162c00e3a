import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { silentLog } from "@mcp-governance-bridge/shared";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createBullJobQueue } from "../adapters/bullmq-job-queue.ts";
import { createTimerJobQueue } from "../adapters/timer-job-queue.ts";
import type { Job, JobQueue } from "./job-queue.ts";

interface Adapter {
  name: string;
  /** Queues of one prefix are replicas. */
  open(prefix: string): JobQueue;
  isAvailable: boolean;
  isShared: boolean;
}

const bull = (name: string, variable: "REDIS_URL" | "REDIS_CLUSTER_URL"): Adapter => {
  const url = process.env[variable] ?? "";
  if (process.env.REQUIRE_ALL_ADAPTERS === "1" && url === "") throw new Error(`${variable} is required`);
  const open = (prefix: string) => createBullJobQueue({ url, prefix, log: silentLog, lockMs: 1_000 });
  return { name, open, isAvailable: url !== "", isShared: true };
};

const adapters: Adapter[] = [
  { name: "timers", open: () => createTimerJobQueue({ log: silentLog }), isAvailable: true, isShared: false },
  bull("BullMQ", "REDIS_URL"),
  bull("BullMQ on a cluster", "REDIS_CLUSTER_URL"),
];

const eventually = <T>(check: () => T | Promise<T>) => vi.waitFor(check, { timeout: 10_000, interval: 20 });
const once = { attempts: 1, backoffMs: 1 };

/** Settles when it is told to. */
const aGate = () => {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { open, opened };
};

for (const { name, open, isAvailable, isShared } of adapters)
  describe.runIf(isAvailable)(`job queue: ${name}`, () => {
    const opened: JobQueue[] = [];
    let prefix: string;
    let queue: JobQueue;

    const openAnother = (): JobQueue => {
      const other = open(prefix);
      opened.push(other);
      return other;
    };
    beforeEach(async () => {
      prefix = `jobs-${randomUUID()}`;
      queue = openAnother();
      await eventually(() => queue.ping());
    });
    afterEach(async () => {
      await Promise.all(opened.splice(0).map((one) => one.close()));
    });

    test("does what was added, once, with its data", async () => {
      const done: Omit<Job, "signal">[] = [];
      queue.define("export", { ...once, handle: async ({ signal: _, ...job }) => void done.push(job) });
      await queue.add("export", { id: "a:1", data: { to: ["x"], deep: { n: 1.5 } } });
      await eventually(() => expect(done).toHaveLength(1));
      await eventually(async () => expect((await queue.status()).active).toBe(0));
      expect(done).toEqual([{ id: "a:1", data: { to: ["x"], deep: { n: 1.5 } }, attempt: 1 }]);
    });

    test("adds nothing while a job of that kind and id waits or is under way, and does it again after that", async () => {
      const gate = aGate();
      const done: string[] = [];
      queue.define("export", {
        ...once,
        async handle({ id }) {
          await gate.opened;
          done.push(id);
        },
      });
      queue.define("other", { ...once, handle: async () => void done.push("other") });
      for (const id of ["a", "b", "a", "b"]) await queue.add("export", { id });
      await queue.add("other", { id: "a" });
      await eventually(async () => expect(await queue.status()).toMatchObject({ active: 1, waiting: 1 }));
      await queue.add("export", { id: "a" });
      gate.open();
      await eventually(async () => expect(await queue.status()).toMatchObject({ active: 0, waiting: 0 }));
      expect(done.toSorted()).toEqual(["a", "b", "other"]);
      await queue.add("export", { id: "a" });
      await eventually(() => expect(done).toHaveLength(4));
    });

    test("tries again, later each time, and tells of a job that it gives up", async () => {
      const tries: { attempt: number; at: number }[] = [];
      const givenUp: unknown[] = [];
      queue.define("webhook", {
        attempts: 3,
        backoffMs: 100,
        async handle({ attempt }) {
          tries.push({ attempt, at: Date.now() });
          throw new Error(`no. ${attempt}`);
        },
        async givenUp({ id, attempt, data }, error) {
          givenUp.push({ id, attempt, data, message: (error as Error).message });
        },
      });
      await queue.add("webhook", { id: "a", data: { n: 1 } });
      await eventually(() => expect(givenUp).toEqual([{ id: "a", attempt: 3, data: { n: 1 }, message: "no. 3" }]));
      expect(tries.map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
      const [first = 0, second = 0, third = 0] = tries.map(({ at }) => at);
      expect(second - first).toBeGreaterThan(90);
      expect(third - second).toBeGreaterThan(190);
      await eventually(async () => expect(await queue.status()).toMatchObject({ delayed: 0, active: 0, failed: 1 }));
      await queue.add("webhook", { id: "a" });
      await eventually(() => expect(givenUp).toHaveLength(2));
    });

    test("a job that succeeds at a later try is not given up", async () => {
      const tries: number[] = [];
      const givenUp = vi.fn();
      queue.define("webhook", {
        attempts: 2,
        backoffMs: 1,
        async handle({ attempt }) {
          tries.push(attempt);
          if (attempt === 1) throw new Error("not yet");
        },
        givenUp,
      });
      await queue.add("webhook", { id: "a" });
      await eventually(() => expect(tries).toEqual([1, 2]));
      await eventually(async () => expect(await queue.status()).toMatchObject({ active: 0, failed: 0 }));
      expect(givenUp).not.toHaveBeenCalled();
    });

    test("keeps a job back as long as it is told to", async () => {
      const started = Date.now();
      const handle = vi.fn(async () => {});
      queue.define("webhook", { ...once, handle });
      await queue.add("webhook", { id: "late", delayMs: 300 });
      await queue.add("webhook", { id: "late" });
      expect(await queue.status()).toMatchObject({ delayed: 1 });
      await eventually(() => expect(handle).toHaveBeenCalledTimes(1));
      expect(Date.now() - started).toBeGreaterThan(290);
    });

    test("does as many at once as the kind says", async () => {
      const gate = aGate();
      queue.define("webhook", { ...once, concurrency: 3, handle: () => gate.opened });
      for (let n = 0; n < 5; n += 1) await queue.add("webhook", { id: String(n) });
      await eventually(async () => expect(await queue.status()).toMatchObject({ active: 3, waiting: 2 }));
      gate.open();
      await eventually(async () => expect(await queue.status()).toMatchObject({ active: 0, waiting: 0 }));
    });

    test("does something again and again, one run at a time, also after one that failed", async () => {
      let active = 0;
      let most = 0;
      let runs = 0;
      const handle = async (): Promise<void> => {
        active += 1;
        runs += 1;
        most = Math.max(most, active);
        await sleep(80);
        active -= 1;
        if (runs === 2) throw new Error("once");
      };
      queue.every("rollup", 40, handle);
      if (isShared) openAnother().every("rollup", 40, handle);
      await eventually(() => expect(runs).toBeGreaterThan(5));
      expect(most).toBe(1);
      expect(await queue.status()).toEqual({ waiting: 0, active: 0, delayed: 0, failed: 0 });
    });

    test("tells what is under way to leave off when it closes, and waits for it", async () => {
      let hasLeft = false;
      const begun = aGate();
      queue.define("export", {
        attempts: 1,
        backoffMs: 1,
        async handle({ signal }) {
          begun.open();
          await sleep(60_000, undefined, { signal }).catch(() => {});
          await sleep(50);
          hasLeft = true;
          signal.throwIfAborted();
        },
      });
      await queue.add("export", { id: "a" });
      await begun.opened;
      await queue.close();
      expect(hasLeft).toBe(true);
      await expect(queue.add("export", { id: "b" })).rejects.toMatchObject({ code: "jobs.unavailable" });
      await expect(queue.ping()).rejects.toMatchObject({ code: "jobs.unavailable" });
    });

    test("refuses jobs of a kind that nobody defined", async () => {
      await expect(queue.add("nothing", { id: "a" })).rejects.toThrow("nothing");
    });

    if (isShared) {
      test("has a job done by one replica, and by another when the first closes, without using up a try", async () => {
        const attempts: number[] = [];
        const begun = aGate();
        const definition = {
          attempts: 1,
          backoffMs: 1,
          async handle({ attempt, signal }: Job) {
            attempts.push(attempt);
            begun.open();
            if (attempts.length === 1) await sleep(60_000, undefined, { signal });
          },
        };
        queue.define("export", definition);
        await queue.add("export", { id: "a" });
        await begun.opened;
        const other = openAnother();
        other.define("export", definition);
        await queue.close();
        await eventually(() => expect(attempts).toEqual([1, 1]));
        await eventually(async () => expect(await other.status()).toMatchObject({ active: 0, failed: 0 }));
      });
    }
  });
