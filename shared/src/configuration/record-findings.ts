import { z } from "zod";
import { isWebAddress } from "./addresses.ts";
import { entriesOf, memberOf } from "./plain-object.ts";
import type { Finding, Path } from "./problem.ts";
import { suggest } from "./suggestion.ts";

export const WEBHOOKS: Path = ["governance", "alerts", "webhooks"];
const RULES: Path = ["governance", "alerts", "rules"];
const RETENTION: Path = ["governance", "retention"];

const MIN_SECRET = 16;

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

function webhookFindings(webhook: unknown, path: Path, keeps: (path: Path) => boolean): Finding[] {
  if (keeps(path)) return [];
  const [url, secret] = [memberOf(webhook, "url"), memberOf(webhook, "secret")];
  const findings: Finding[] = [];
  if (typeof url === "string" && !isWebAddress(url)) {
    findings.push({ path: [...path, "url"], message: "must be an address that begins with http:// or https://" });
  }
  if (typeof secret === "string" && secret.length < MIN_SECRET) {
    findings.push({ path: [...path, "secret"], message: `must have at least ${MIN_SECRET} characters` });
  }
  return findings;
}

function listOf(value: unknown): readonly unknown[] {
  return z.array(z.unknown()).catch([]).parse(value);
}
