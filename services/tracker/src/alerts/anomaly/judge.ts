import { keyOf, linkTo, type Observation, type Subject } from "../observation.ts";
import { figure, type RuleOf } from "../rules/rule.ts";
import { BOUNDS } from "./bounds.ts";
import { judgeErrorRatio } from "./error-ratio.ts";
import { type History, HOUR_MS, type Hour, historyOf } from "./history.ts";
import { judgeNewHour } from "./new-hour.ts";
import { judgeVolume } from "./volume.ts";

type Rule = RuleOf<"anomaly">;

/** A subject, with its hours of calls before the judged one and that one itself, oldest first. */
export interface SubjectHours {
  subject: Subject;
  hours: readonly Hour[];
}

interface Judged {
  hour: number;
  /** When it is judged: the end of the hour, or a moment within it. */
  at: Date;
  /** Hours of a rule's key that were alarming. */
  leftOut(key: string): History["leftOut"];
}

/** What an hour that is over has of anomalies of volume and of error ratio. */
export function judgeFinishedHour(rule: Rule, subjects: readonly SubjectHours[], judged: Judged): Observation[] {
  return subjects.flatMap((subject) => [...volumeOf(rule, subject, judged), ...errorRatioOf(rule, subject, judged)]);
}

function volumeOf(rule: Rule, { subject, hours }: SubjectHours, judged: Judged): Observation[] {
  const given = givenOf(rule, "volume", { subject, hours, judged });
  const found = given && judgeVolume(given.current, given.history, BOUNDS[rule.sensitivity].volume);
  if (!found) return [];
  const sentence = `${nameOf(subject)} had ${figure(found.calls)} calls in the hour from ${timeOf(judged.hour)}; about ${figure(found.usual)} are usual for such an hour.`;
  return [observationOf(rule, { anomaly: "volume", subject, sentence, evidence: { ...found } }, judged)];
}

function errorRatioOf(rule: Rule, { subject, hours }: SubjectHours, judged: Judged): Observation[] {
  const given = givenOf(rule, "error_ratio", { subject, hours, judged });
  const found = given && judgeErrorRatio(given.current, given.history, BOUNDS[rule.sensitivity].errorRatio);
  if (!found) return [];
  const sentence = `${nameOf(subject)} had ${figure(100 * found.ratio)} % of its calls fail in the hour from ${timeOf(judged.hour)} (${found.errors} of ${found.ended}); no more than ${figure(100 * found.usual)} % are usual.`;
  return [observationOf(rule, { anomaly: "error_ratio", subject, sentence, evidence: { ...found } }, judged)];
}

/** Whether a principal's calls of an hour, which may not be over, fall into an hour of the day that is new to it. */
export function judgeHourOfDay(rule: Rule, { subject, hours }: SubjectHours, judged: Judged): Observation[] {
  const given = givenOf(rule, "new_hour", { subject, hours, judged });
  const bounds = BOUNDS[rule.sensitivity].newHour;
  const found =
    given && judgeNewHour(given.current, given.history, { bounds, minDays: rule.min_days, learnDays: rule.learn_days });
  if (!found) return [];
  const sentence = `${nameOf(subject)} made ${figure(found.calls)} calls in the hour from ${timeOf(judged.hour)}, an hour of the day in which it was never active on ${found.active_days} days.`;
  return [observationOf(rule, { anomaly: "new_hour", subject, sentence, evidence: { ...found } }, judged)];
}

/** The hour and what to compare it with; undefined where it has no calls, the history is too short, or the rule is not about it. */
function givenOf(
  rule: Rule,
  anomaly: Rule["of"][number],
  { subject, hours, judged: { hour, leftOut } }: SubjectHours & { judged: Judged },
): { current: Hour; history: History } | undefined {
  const current = hours.find((each) => each.hour === hour);
  if (!(current && rule.of.includes(anomaly))) return undefined;
  const ranges = leftOut(keyOf({ rule, anomaly, subject }));
  const history = historyOf(hours, { hour, learnDays: rule.learn_days, leftOut: ranges });
  return history && hour - history.from >= rule.min_days * HOURS_OF_DAY ? { current, history } : undefined;
}

const HOURS_OF_DAY = 24;

type Found = Pick<Observation, "subject" | "sentence" | "evidence"> & { anomaly: Rule["of"][number] };

function observationOf(rule: Rule, { anomaly, subject, sentence, evidence }: Found, { hour, at }: Judged): Observation {
  const window = { from: new Date(hour * HOUR_MS), to: new Date((hour + 1) * HOUR_MS) };
  return {
    ...{ rule, anomaly, subject, at, sentence },
    evidence: {
      ...evidence,
      ...{ sensitivity: rule.sensitivity, learn_days: rule.learn_days, window },
      links: [linkTo("/governance/tool-logs", { ...subject, ...window })],
    },
  };
}

function timeOf(hour: number): string {
  return `${new Date(hour * HOUR_MS).toISOString().slice(0, 16)}Z`;
}

export function nameOf({ principal, server_name, tool_name, method }: Subject): string {
  const tool = tool_name === undefined ? `the server ${server_name}` : `${tool_name} of ${server_name} (${method})`;
  if (principal === undefined) return tool_name === undefined ? tool : `the tool ${tool}`;
  return server_name === undefined ? `the principal ${principal}` : `${principal} with ${tool}`;
}
