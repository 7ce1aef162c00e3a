import type { Document } from "../record-store.ts";
import { MAX_PRINCIPALS, PLAIN_SUMS, type Sums } from "./figures.ts";
import { addHistogram, addToBucket, bucketOf, type Counts, histogramOf } from "./histogram.ts";

/** Sums while they are added up. */
export interface RunningSums extends Omit<Sums, "duration" | "denials" | "principals"> {
  duration: Omit<Sums["duration"], "histogram"> & { counts: Counts };
  denials: Map<string, number>;
  principals: Set<string>;
}

export function noSums(): RunningSums {
  return {
    calls: 0,
    success: 0,
    error: 0,
    denied: 0,
    unknown: 0,
    duration: { count: 0, sum: 0, min: null, max: null, counts: new Map() },
    timed: 0,
    policy_ms: 0,
    upstream_ms: 0,
    gateway_ms: 0,
    input_chars: 0,
    output_chars: 0,
    outputs: 0,
    denials: new Map(),
    last_at: null,
    principals: new Set(),
  };
}

/** A call as `tool_logs` has it. */
export function addCall(sums: RunningSums, call: Document): void {
  const status = statusOf(call);
  sums.calls++;
  sums[status]++;
  sums.last_at = later(sums.last_at, call.timestamp as Date);
  sums.input_chars += numberOf(call.input_size) ?? 0;
  if (status === "denied") countDenial(sums, codeOf(call));
  if (status === "success" || status === "error") addEnd(sums, call);
}

function addEnd(sums: RunningSums, call: Document): void {
  const ms = numberOf(call.duration_ms);
  const size = numberOf(call.output_size);
  if (size !== undefined) {
    sums.outputs++;
    sums.output_chars += size;
  }
  if (ms === undefined) return;
  const { duration } = sums;
  duration.count++;
  duration.sum += ms;
  duration.min = Math.min(duration.min ?? ms, ms);
  duration.max = Math.max(duration.max ?? ms, ms);
  addToBucket(duration.counts, bucketOf(ms), 1);
  addParts(sums, call);
}

function addParts(sums: RunningSums, { gateway_ms, policy_ms, upstream_ms }: Document): void {
  const [gateway, policy, upstream] = [gateway_ms, policy_ms, upstream_ms].map(numberOf);
  if (gateway === undefined || policy === undefined || upstream === undefined) return;
  sums.timed++;
  sums.gateway_ms += gateway;
  sums.policy_ms += policy;
  sums.upstream_ms += upstream;
}

interface Denied {
  at: Date;
  code: string;
  principal: string;
  /** Whether it did not take place: its rule is only tried. */
  isShadow: boolean;
}

/** A denial of one rule. */
export function addDenial(sums: RunningSums, { at, code, principal, isShadow }: Denied): void {
  sums.calls++;
  if (!isShadow) sums.denied++;
  countDenial(sums, code);
  sums.last_at = later(sums.last_at, at);
  addPrincipal(sums, principal);
}

export function addPermit(sums: RunningSums, at: Date): void {
  sums.calls++;
  sums.last_at = later(sums.last_at, at);
}

/** Adds what was summed up before. */
export function addSums(sums: RunningSums, more: Sums): void {
  for (const name of PLAIN_SUMS) sums[name] += more[name];
  const { duration } = sums;
  duration.count += more.duration.count;
  duration.sum += more.duration.sum;
  duration.min = extreme(Math.min, duration.min, more.duration.min);
  duration.max = extreme(Math.max, duration.max, more.duration.max);
  addHistogram(duration.counts, more.duration.histogram);
  for (const { code, count } of more.denials) countDenial(sums, code, count);
  sums.last_at = more.last_at ? later(sums.last_at, more.last_at) : sums.last_at;
  for (const principal of more.principals) addPrincipal(sums, principal);
}

/** As they are kept. */
export function sumsOf({ duration, denials, principals, ...plain }: RunningSums): Sums {
  const { counts, ...ends } = duration;
  return {
    ...plain,
    duration: { ...ends, histogram: histogramOf(counts) },
    denials: [...denials].sort(([a], [b]) => (a < b ? -1 : 1)).map(([code, count]) => ({ code, count })),
    principals: [...principals].sort(),
  };
}

function statusOf({ status }: Document): "success" | "error" | "denied" | "unknown" {
  return status === "success" || status === "error" || status === "denied" ? status : "unknown";
}

/** A call that was denied by its decision says so; any other was denied by a rule on results. */
function codeOf({ denial }: Document): string {
  const code = (denial as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "result_denied";
}

function countDenial(sums: RunningSums, code: string, count = 1): void {
  sums.denials.set(code, (sums.denials.get(code) ?? 0) + count);
}

function addPrincipal({ principals }: RunningSums, principal: string): void {
  if (principals.size < MAX_PRINCIPALS) principals.add(principal);
}

function numberOf(value: unknown): number | undefined {
  return typeof value === "number" ? value : undefined;
}

function later(a: Date | null, b: Date): Date {
  return a && a > b ? a : b;
}

function extreme(of: (a: number, b: number) => number, a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : of(a, b);
}
