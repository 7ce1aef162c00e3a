import { Environment } from "@marcbachmann/cel-js";
import { compileRe2 } from "@mcp-governance-bridge/shared/patterns";
import { localTime } from "./local-time.ts";

const LIMITS = { maxAstNodes: 1_000, maxDepth: 50, maxListElements: 1_000, maxMapEntries: 1_000, maxCallArguments: 8 };
const TIMESTAMP = "google.protobuf.Timestamp";
const MAX_PATTERNS = 1_000;

/** The variables of conditions, with their types in CEL. */
const VARIABLES = {
  args: "dyn",
  principal: "string",
  roles: "list<string>",
  client: "string",
  server: "string",
  tool: "string",
  method: "string",
  annotations: "map<string, dyn>",
  labels: "list<string>",
  now: TIMESTAMP,
} as const;

/** What a condition says, as functions here have it: theirs are linear in time, and know time zones whatever the host's is. */
export const OURS: Readonly<Record<string, string>> = {
  matches: "matches_re2",
  getFullYear: "local_year",
  getMonth: "local_month",
  getDate: "local_date",
  getDayOfMonth: "local_day_of_month",
  getDayOfWeek: "local_day_of_week",
  getDayOfYear: "local_day_of_year",
  getHours: "local_hours",
  getMinutes: "local_minutes",
  getSeconds: "local_seconds",
  getMilliseconds: "local_milliseconds",
};

/** CEL with our variables. Numbers of JSON are doubles, and calculate with integers as one expects. */
export function createLanguage(): Environment {
  const language = new Environment({ homogeneousAggregateLiterals: false, limits: LIMITS });
  for (const [name, type] of Object.entries(VARIABLES)) language.registerVariable(name, type);
  registerArithmetic(language);
  registerTime(language);
  language.registerFunction("string.matches_re2(string): bool", createMatches(), { async: false });
  return language;
}

const ARITHMETIC: Readonly<Record<string, (left: number, right: number) => number>> = {
  "+": (left, right) => left + right,
  "-": (left, right) => left - right,
  "*": (left, right) => left * right,
  "/": (left, right) => left / right,
  "%": (left, right) => left % right,
};

function registerArithmetic(language: Environment): void {
  for (const [operator, calculate] of Object.entries(ARITHMETIC)) {
    const mixed = (left: number | bigint, right: number | bigint) => calculate(Number(left), Number(right));
    language.registerOperator(`double ${operator} int: double`, mixed);
    language.registerOperator(`int ${operator} double: double`, mixed);
  }
  language.registerOperator("double % double: double", (left: number, right: number) => left % right);
}

function registerTime(language: Environment): void {
  const getters: readonly [name: string, read: (time: ReturnType<typeof localTime>) => number][] = [
    ["local_year", ({ year }) => year],
    ["local_month", ({ month }) => month - 1],
    ["local_date", ({ day }) => day],
    ["local_day_of_month", ({ day }) => day - 1],
    ["local_day_of_week", ({ weekday }) => weekday],
    ["local_day_of_year", ({ dayOfYear }) => dayOfYear],
    ["local_hours", ({ hour }) => hour],
    ["local_minutes", ({ minute }) => minute],
    ["local_seconds", ({ second }) => second],
    ["local_milliseconds", ({ millisecond }) => millisecond],
  ];
  for (const [name, read] of getters) {
    const inZone = (instant: Date, timeZone = "UTC") => BigInt(read(localTime(instant, timeZone)));
    language.registerFunction(`${TIMESTAMP}.${name}(): int`, inZone, { async: false });
    language.registerFunction(`${TIMESTAMP}.${name}(string): int`, inZone, { async: false });
  }
  for (const name of ["local_hours", "local_minutes", "local_seconds", "local_milliseconds"]) {
    registerDuration(language, name);
  }
}

/** A duration's hours are all of it in hours, and so on. */
function registerDuration(language: Environment, name: string): void {
  const unit = { local_hours: 3_600_000, local_minutes: 60_000, local_seconds: 1_000 }[name] ?? 1;
  const read = (duration: { valueOf(): number }) => BigInt(Math.trunc(duration.valueOf() / unit));
  language.registerFunction(`google.protobuf.Duration.${name}(): int`, read, { async: false });
}

/** Patterns are literals of conditions, checked before; compiled once. */
function createMatches(): (text: string, source: string) => boolean {
  const compiled = new Map<string, (text: string) => boolean>();
  return (text, source) => {
    const known = compiled.get(source);
    if (known) return known(text);
    const test = compileRe2(source);
    if (compiled.size >= MAX_PATTERNS) compiled.clear();
    compiled.set(source, test);
    return test(text);
  };
}
