import { Scope } from "@mcp-governance-bridge/shared";
import { runBridge } from "../../system/command-line.ts";
import { notMeasured } from "../../system/servers.ts";
import { markdownTable, table } from "../../table.ts";
import { publishCalls } from "../record/publish.ts";
import { type BenchOptions, writePart } from "../write-part.ts";
import { type Api, allRecorded, apiAt, figuresMade } from "./api.ts";
import { type Candidate, type CandidateKind, candidates } from "./candidates.ts";
import { questions } from "./questions.ts";
import { trafficOf } from "./traffic.ts";

const SEED = 42;
const CALLS = 1_000_000;
const QUICK_CALLS = 20_000;
const ROUNDS = 20;
const LIMIT_MS = 200;

/** What was measured of a record: of each question how long it took, in milliseconds. */
interface Measured {
  name: string;
  filled: readonly string[];
  times: Map<string, { median: number; worst: number }>;
}

/** Fills a record of each kind with the same calls of 30 days, and times every question that a page asks. */
export async function benchMillion(options: BenchOptions): Promise<void> {
  const { isQuick, isWritten, say } = options;
  const calls = isQuick ? QUICK_CALLS : CALLS;
  const measured: Measured[] = [];
  const notes: string[] = [];
  for (const kind of candidates(process.env)) {
    if (kind.missing.length === 0) measured.push(await measure(kind, calls, say));
    else notes.push(notMeasured(kind.name, kind.missing));
  }
  const rows = rowsOf(measured);
  const titles = ["question, median / worst in ms", ...measured.map(({ name }) => name)];
  say(["", table(titles, rows), ...summaryOf(measured), ...notes].join("\n"));
  if (!isWritten) return;
  const lines = [...measured.flatMap(({ filled }) => filled), ...summaryOf(measured), ...notes];
  await writePart("million", options, [...lines.flatMap((line) => [line, ""]), markdownTable(titles, rows)]);
}

async function measure(kind: CandidateKind, calls: number, say: (line: string) => void): Promise<Measured> {
  const scope = new Scope();
  try {
    const candidate = await kind.start(scope);
    const api = apiAt(candidate.url);
    const filled = (await fill(candidate, { api, calls })).map((line) => `${kind.name}: ${line}`);
    for (const line of filled) say(line);
    const times: Measured["times"] = new Map();
    for (const { name, ask } of questions) times.set(name, await time(() => ask(api)));
    return { name: kind.name, filled, times };
  } finally {
    await scope.close();
  }
}

async function fill({ bus, place, env }: Candidate, { api, calls }: { api: Api; calls: number }): Promise<string[]> {
  const began = performance.now();
  const seconds = (): string => `${((performance.now() - began) / 1_000).toFixed(0)} s`;
  await publishCalls(bus, trafficOf({ seed: SEED, calls, until: new Date() }));
  await allRecorded(api);
  const recorded = `${calls.toLocaleString("en")} calls on record after ${seconds()}`;
  const counted = await figuresMade(api);
  if (counted < calls) throw new Error(`the figures count ${counted} of ${calls} calls`);
  const figures = `all figures of them made after ${seconds()}`;
  const started = performance.now();
  const { status, out, err } = await runBridge(["audit", "verify", ...place], env);
  if (status !== 0) throw new Error(`audit verify: ${out}${err}`);
  const verified = ((performance.now() - started) / 1_000).toFixed(0);
  return [recorded, figures, `\`audit verify\` of them took ${verified} s`];
}

async function time(ask: () => Promise<unknown>): Promise<{ median: number; worst: number }> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    await ask();
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  return { median: times[Math.floor(ROUNDS / 2)] ?? 0, worst: times.at(-1) ?? 0 };
}

function rowsOf(measured: readonly Measured[]): string[][] {
  return questions.map(({ name }) => [
    name,
    ...measured.map(({ times }) => {
      const { median, worst } = times.get(name) ?? { median: Number.NaN, worst: Number.NaN };
      return `${median.toFixed(1)} / ${worst.toFixed(1)}`;
    }),
  ]);
}

function summaryOf(measured: readonly Measured[]): string[] {
  return measured.map(({ name, times }) => {
    const all = [...times.values()];
    const within = (of: "median" | "worst"): number => all.filter((each) => each[of] <= LIMIT_MS).length;
    return `${name}: of ${all.length} questions ${within("median")} have a median of at most ${LIMIT_MS} ms, ${within("worst")} were always answered in that`;
  });
}
