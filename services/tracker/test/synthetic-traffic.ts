import type { Hour } from "../src/alerts/anomaly/history.ts";
import type { SubjectHours } from "../src/alerts/anomaly/judge.ts";

/** A source of chance that is the same for the same seed: mulberry32. */
export function createChance(seed: number) {
  let state = seed >>> 0;
  const uniform = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform());
  /** How many of rare and independent things happen; by the normal curve where there are many. */
  const poisson = (mean: number): number => {
    if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal()));
    const limit = Math.exp(-mean);
    let count = 0;
    for (let product = uniform(); product > limit; product *= uniform()) count += 1;
    return count;
  };
  return { uniform, normal, poisson, integer: (below: number) => Math.floor(uniform() * below) };
}
export type Chance = ReturnType<typeof createChance>;

const DAY_HOURS = 24;
const WEEKEND = [2, 3];
/** Share of the hours off work in which people do a little all the same. */
const ODD_HOURS = 0.0005;

/** How much goes on in an hour, 1 being the busiest. Day 0 is a Thursday; people work from 7 to 18 o'clock UTC. */
function activity(hour: number, { shift }: { shift: number }): number {
  const isWeekend = WEEKEND.includes(Math.floor(hour / DAY_HOURS) % 7);
  const ofDay = (hour - shift + 2 * DAY_HOURS) % DAY_HOURS;
  if (ofDay < 7 || ofDay > 18) return 0;
  const curve = Math.max(0, Math.sin((Math.PI * (ofDay - 6)) / 13)) * (ofDay === 12 ? 0.6 : 1);
  return isWeekend ? curve * 0.15 : curve;
}

/** A person, who works office hours, or a program, which runs day and night. */
export interface Profile {
  name: string;
  kind: "person" | "program";
  /** Calls of its busiest hours. */
  busiest: number;
  /** Standard deviation of the noise on the log scale, of hours and of whole days. */
  noise: number;
  /** Share of calls that fail, and how much that varies. */
  errors: number;
  /** Hours by which its day is shifted. */
  shift: number;
}

export function profiles(chance: Chance, count: number): Profile[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `p${index}`,
    kind: index % 4 === 0 ? "program" : "person",
    busiest: Math.round(Math.exp(Math.log(20) + chance.uniform() * Math.log(50))),
    noise: 0.1 + 0.15 * chance.uniform(),
    errors: 0.01 + 0.06 * chance.uniform(),
    shift: chance.integer(5) - 2,
  }));
}

/** Hours of normal traffic of one profile, beginning with hour 0. */
export function normalHours(chance: Chance, profile: Profile, weeks: number): Hour[] {
  let ofDay = 0;
  return Array.from({ length: weeks * 7 * DAY_HOURS }, (_, hour) => {
    if (hour % DAY_HOURS === 0) ofDay = profile.noise * chance.normal();
    const share = shareOf(profile, hour);
    return share === 0 ? oddHour(chance, hour) : busyHour(chance, profile, { hour, share, ofDay });
  }).filter(({ calls }) => calls > 0);
}

function busyHour(
  chance: Chance,
  profile: Profile,
  { hour, share, ofDay }: { hour: number; share: number; ofDay: number },
) {
  const calls = chance.poisson(profile.busiest * share * Math.exp(profile.noise * chance.normal() + ofDay));
  const ratio = Math.min(0.5, profile.errors * Math.exp(0.4 * chance.normal()));
  return { hour, calls, ended: calls, errors: Math.min(calls, chance.poisson(calls * ratio)) };
}

function oddHour(chance: Chance, hour: number): Hour {
  const calls = chance.uniform() < ODD_HOURS ? 1 + chance.integer(10) : 0;
  return { hour, calls, ended: calls, errors: 0 };
}

function shareOf(profile: Profile, hour: number): number {
  return profile.kind === "program" ? 0.6 : activity(hour, profile);
}

export function subjectOf(profile: Profile, hours: readonly Hour[]): SubjectHours {
  return { subject: { principal: profile.name }, hours };
}

/** The hour anew: so many times as many calls as the expected, or as many as it had. */
export function changed(hours: readonly Hour[], hour: number, change: (hour: Hour) => Partial<Hour>): Hour[] {
  const present = hours.find((each) => each.hour === hour) ?? { hour, calls: 0, ended: 0, errors: 0 };
  const others = hours.filter((each) => each.hour !== hour);
  return [...others, { ...present, ...change(present) }].toSorted((one, other) => one.hour - other.hour);
}

/** Calls to be expected of an hour, without noise. */
export function expectedCalls(profile: Profile, hour: number): number {
  return profile.busiest * shareOf(profile, hour);
}
