import { z } from "zod";
import { isWebAddress } from "./addresses.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import type { Finding, Path } from "./problem.ts";
import { BASELINE_DAYS } from "./record-schema.ts";
import { suggest } from "./suggestion.ts";

export const WEBHOOKS: Path = ["governance", "alerts", "webhooks"];
const RULES: Path = ["governance", "alerts", "rules"];
const RETENTION: Path = ["governance", "retention"];

const MIN_SECRET = 16;
/** The form of a secret in the specification Standard Webhooks. */
const ENCODED_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/** What is wrong with retention, rules that raise alerts, and webhooks beyond their shape; judges what it can read. */
export function recordFindings(value: unknown, keeps: (path: Path) => boolean): Finding[] {
  const governance = memberOf(value, "governance");
  const alerts = memberOf(governance, "alerts");
  const servers = entriesOf(memberOf(value, "mcpServers")).map(([name]) => name);
  const rules = listOf(memberOf(alerts, "rules"));
  const webhooks = listOf(memberOf(alerts, "webhooks"));
  return [
    ...retentionFindings(memberOf(governance, "retention")),
    ...repeatedIds(RULES, rules),
    ...rules.flatMap((rule, index) => learningFindings(rule, [...RULES, index])),
    ...rules.flatMap((rule, index) => serverFindings(rule, [...RULES, index], servers)),
    ...repeatedIds(WEBHOOKS, webhooks),
    ...webhooks.flatMap((webhook, index) => webhookFindings(webhook, [...WEBHOOKS, index], keeps)),
  ];
}

function retentionFindings(retention: unknown): Finding[] {
  const [calls, payloads] = [memberOf(retention, "tool_logs"), memberOf(retention, "payloads")];
  if (typeof calls !== "number" || typeof payloads !== "number" || payloads <= calls) return [];
  const message = `is more than the ${calls} days of tool_logs: payloads go with the calls they belong to`;
  return [{ path: [...RETENTION, "payloads"], message }];
}

function repeatedIds(path: Path, items: readonly unknown[]): Finding[] {
  const seen = new Set<unknown>();
  return items.flatMap((item, index) => {
    const id = memberOf(item, "id");
    if (typeof id !== "string") return [];
    const isRepeated = seen.has(id);
    seen.add(id);
    return isRepeated ? [{ path: [...path, index, "id"], message: `"${id}" is the id of another one` }] : [];
  });
}

function serverFindings(rule: unknown, path: Path, names: readonly string[]): Finding[] {
  return listOf(memberOf(rule, "servers")).flatMap((name, index) => {
    if (typeof name !== "string" || names.includes(name)) return [];
    const near = suggest(name, names);
    const message = `there is no server "${name}"${near === undefined ? "" : ` (did you mean "${near}"?)`}`;
    return [{ path: [...path, "servers", index], message }];
  });
}

function learningFindings(rule: unknown, path: Path): Finding[] {
  const { learn_days = BASELINE_DAYS.learn, min_days = BASELINE_DAYS.min } = Object(rule) as Record<string, unknown>;
  if (typeof learn_days !== "number" || typeof min_days !== "number" || min_days <= learn_days) return [];
  const message = `is more than the ${learn_days} days of learn_days: nothing would ever be judged`;
  return [{ path: [...path, "min_days"], message }];
}

function webhookFindings(webhook: unknown, path: Path, keeps: (path: Path) => boolean): Finding[] {
  if (keeps(path)) return [];
  const about = { url: addressProblem(memberOf(webhook, "url")), secret: secretProblem(memberOf(webhook, "secret")) };
  return Object.entries(about).flatMap(([name, message]) => (message ? [{ path: [...path, name], message }] : []));
}

function addressProblem(url: unknown): string | undefined {
  if (typeof url !== "string") return undefined;
  if (!isWebAddress(url)) return "must be an address that begins with http:// or https://";
  const { username, password } = new URL(url);
  return username === "" && password === "" ? undefined : "must hold no user and no password: deliveries are signed";
}

function secretProblem(secret: unknown): string | undefined {
  if (typeof secret !== "string") return undefined;
  if (secret.length < MIN_SECRET) return `must have at least ${MIN_SECRET} characters`;
  const isBroken = secret.startsWith("whsec_") && !ENCODED_SECRET.test(secret);
  return isBroken ? "must be base64 after whsec_" : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  return z.array(z.unknown()).catch([]).parse(value);
}
