import type { RecordStore } from "@mcp-governance-bridge/tracker";
import { table } from "../table.ts";
import type { Api, Question } from "./questions.ts";
import { seed, type ToWrites } from "./seed.ts";

const SEED = 42;
const ROUNDS = 20;
const LIMIT_MS = 200;

/** A record to fill and to ask. */
export interface Candidate {
  name: string;
  store: RecordStore;
  api: Api;
}

interface MillionOptions {
  candidates: readonly Candidate[];
  questions: readonly Question[];
  toWrites: ToWrites;
  /** What else is made of the calls before the questions, such as figures. */
  prepare?(store: RecordStore): Promise<void>;
  calls: number;
  say(line: string): void;
}

export interface Timing {
  candidate: string;
  question: string;
  medianMs: number;
  worstMs: number;
}

/** Fills each record with the same calls, asks each question 20 times, and prints how long the answers took. */
export async function benchMillion(options: MillionOptions): Promise<Timing[]> {
  const { candidates, questions, say } = options;
  const timings: Timing[] = [];
  for (const candidate of candidates) {
    await fill(candidate, options);
    for (const question of questions) timings.push(await time(candidate, question));
  }
  say(asTable(timings));
  const slow = timings.filter(({ medianMs }) => medianMs > LIMIT_MS);
  say(`${timings.length - slow.length} of ${timings.length} within ${LIMIT_MS} ms`);
  return timings;
}

async function fill({ name, store }: Candidate, { toWrites, prepare, calls, say }: MillionOptions): Promise<void> {
  const seconds = await seed({ store, toWrites, traffic: { seed: SEED, calls, until: new Date() } });
  const { bytes } = await store.status();
  say(`${name}: ${calls.toLocaleString("en")} calls in ${seconds.toFixed(0)} s, ${(bytes / 2 ** 20).toFixed(0)} MiB`);
  await prepare?.(store);
}

async function time({ name, api }: Candidate, question: Question): Promise<Timing> {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const started = performance.now();
    await question.ask(api);
    times.push(performance.now() - started);
  }
  times.sort((one, other) => one - other);
  return {
    candidate: name,
    question: question.name,
    medianMs: times[Math.floor(ROUNDS / 2)] ?? 0,
    worstMs: times.at(-1) ?? 0,
  };
}

function asTable(timings: readonly Timing[]): string {
  const candidates = [...new Set(timings.map(({ candidate }) => candidate))];
  const questions = [...new Set(timings.map(({ question }) => question))];
  const cell = (question: string, candidate: string): string => {
    const timing = timings.find((each) => each.question === question && each.candidate === candidate);
    return timing ? `${timing.medianMs.toFixed(1)} / ${timing.worstMs.toFixed(1)}` : "";
  };
  const rows = questions.map((question) => [question, ...candidates.map((candidate) => cell(question, candidate))]);
  return table(["median / worst, ms", ...candidates], rows);
}
