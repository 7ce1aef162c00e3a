import type { Log } from "@mcp-governance-bridge/shared";
import { type CounterStore, type Grant, type Limit, parseLease, type Taking } from "../counter-store.ts";
import { connectRedis, type RedisClient } from "./redis-connection.ts";
import { takePermits } from "./take-permits.lua.ts";

type Mode = "take" | "peek";

/** The command that ioredis makes of the script; its types cannot know it. */
interface PermitCommands {
  takePermits(numberOfKeys: number, ...keysAndArguments: (string | number)[]): Promise<number[]>;
}

/**
 * Counts in Redis, one server or a cluster, for all replicas together. Resolves after the first attempt to connect, also when
 * that failed: the connection is then sought for ever, and until it is there every method rejects at once.
 */
export async function connectRedisCounterStore(url: string, log: Log): Promise<CounterStore> {
  return createRedisCounterStore(await connectRedis(url, { log, scripts: { takePermits: { lua: takePermits } } }));
}

/** Over a client that has the script as its command `takePermits`. */
export function createRedisCounterStore({ redis, ping, close }: RedisClient): CounterStore {
  const commands = redis as unknown as PermitCommands;

  function run(mode: Mode, holder: string, sets: readonly (readonly Limit[])[]): Promise<number[]> {
    const limits = sets.length === 1 ? (sets[0] ?? []) : sets.flat();
    const settings: (string | number)[] = [mode, holder, sets.length];
    for (const set of sets) settings.push(set.length);
    for (const limit of limits) settings.push(limit.kind, limit.permits, costOf(limit), spanOf(limit));
    return commands.takePermits(limits.length, ...limits.map(nameOf), ...settings);
  }

  return {
    async take(limits, holder, trials = []) {
      if (limits.length === 0 && trials.length === 0) return { granted: true, used: [], trials: [] };
      return takingOf(await run("take", holder, [limits, ...trials]), limits, trials);
    },
    async peek(limits) {
      if (limits.length === 0) return { granted: true, used: [] };
      return grantOf(await run("peek", "", [limits]), 0, limits.length);
    },
    async release(leases, holder) {
      await Promise.all(
        leases.map((lease) => redis.zrem(nameOf({ kind: "concurrent", ...parseLease(lease) }), holder)),
      );
    },
    ping,
    close,
  };
}

type Named = Pick<Limit, "group" | "key"> & ({ kind: "quota" | "concurrent" } | { kind: "window"; windowMs: number });

/** The group is what a cluster hashes; its length tells where it ends, whatever characters it has. */
function nameOf(limit: Named): string {
  const span = limit.kind === "window" ? limit.windowMs : "";
  return `${limit.kind}:${span}:${limit.group.length}:{permits:${limit.group}}:${limit.key}`;
}

function costOf(limit: Limit): number {
  return limit.kind === "concurrent" ? 1 : limit.cost;
}

function spanOf(limit: Limit): number {
  if (limit.kind === "window") return limit.windowMs;
  return limit.kind === "quota" ? limit.endsAt : limit.leaseMs;
}

function takingOf(answer: number[], limits: readonly Limit[], trials: readonly (readonly Limit[])[]): Taking {
  const grant = grantOf(answer, 0, limits.length);
  if (!grant.granted) return { ...grant, trials: [] };
  let at = 2 + limits.length;
  const granted = trials.map((trial) => {
    const start = at;
    at += 2 + trial.length;
    return grantOf(answer, start, trial.length);
  });
  return { ...grant, trials: granted };
}

/** What the script answered from `start` on for a set of `size` limits. */
function grantOf(answer: readonly number[], start: number, size: number): Grant {
  const [refusedBy = 0, wait = -1] = answer.slice(start, start + 2);
  const used = answer.slice(start + 2, start + 2 + size);
  if (refusedBy === 0) return { granted: true, used };
  return { granted: false, used, refusedBy: refusedBy - 1, retryAfterMs: wait < 0 ? undefined : wait };
}
