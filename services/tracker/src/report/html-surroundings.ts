import { type Cell, cutNote, type Html, html, table, topTable } from "./html-parts.ts";
import type { Report, Run } from "./report.ts";
import type { PolicyChange } from "./surroundings.ts";

export function policySection({ policy: { in_force_before: before, changes } }: Report): Html {
  const start = before
    ? html`<p>In force at the beginning: <code>${before.revision}</code>, since ${before.timestamp}, by <bdi>${before.who}</bdi>.</p>`
    : html`<p>No revision from before the period is on record.</p>`;
  return html`<section>
<h2>Changes of the policy (${changes.of})</h2>
${start}
${table(
  [{ title: "When" }, { title: "Revision" }, { title: "Who" }, { title: "Why" }, { title: "What" }],
  changes.items.map((change) => [
    change.timestamp,
    html`<code>${change.revision}</code><br>${change.origin}`,
    change.who,
    change.why === "" ? "(no reason given)" : change.why,
    whatOf(change),
  ]),
)}
${cutNote(changes)}
</section>`;
}

function whatOf({ changes, more }: PolicyChange): Html {
  const lines = changes.map(
    ({ path, before, after }) =>
      html`<li><code>${path}</code>: <code>${before ?? "nothing"}</code> → <code>${after ?? "nothing"}</code></li>`,
  );
  return html`<ul>${lines}</ul>${more > 0 ? html`<p class="soft">and ${more} more</p>` : null}`;
}

export function accessSection({ access: { total, routes, readers, artifacts } }: Report): Html {
  return html`<section>
<h2>Who read the record (${total} times)</h2>
<div class="pair">
<div><h3>By reader</h3>${topTable(readers, { names: ["Reader"], of: "Reads" })}</div>
<div><h3>By question</h3>${topTable(routes, { names: ["Question"], of: "Reads" })}</div>
</div>
<h3>Exports and reports</h3>
${table(
  [{ title: "When" }, { title: "What" }, { title: "Format" }, { title: "Status" }, { title: "For" }],
  artifacts.items.map((item) => [item.timestamp, item.kind, item.format, item.status, item.requested_by]),
)}
${cutNote(artifacts)}
</section>`;
}

export function alertsSection({ alerts: { rules, alerts } }: Report): Html {
  return html`<section>
<h2>Alerts (${alerts.of})</h2>
${alerts.of > 0 ? topTable(rules, { names: ["Rule"], of: "Alerts" }) : null}
${table(
  [{ title: "Since" }, { title: "Rule" }, { title: "Severity" }, { title: "State" }, { title: "What" }],
  alerts.items.map((alert) => [
    alert.timestamp,
    alert.rule,
    alert.severity,
    html`${alert.status}${alert.acknowledged_by ? html`, seen by <bdi>${alert.acknowledged_by}</bdi>` : null}`,
    alert.sentence,
  ]),
)}
${cutNote(alerts)}
</section>`;
}

export function retentionSection({ retention: { days, runs } }: Report): Html {
  const rows = Object.entries(days).map(([collection, count]): Cell[] => [collection, count ?? null]);
  return html`<section>
<h2>Retention</h2>
<p class="soft">What is not named stays for ever.</p>
${table([{ title: "Collection" }, { title: "Days", isNumber: true }], rows, "Nothing expires.")}
<h3>What retention took in the period</h3>
${table(
  [
    { title: "When" },
    { title: "Records before" },
    { title: "Inputs and outputs before" },
    { title: "Chains cut", isNumber: true },
  ],
  runs.items.map((run) => [run.timestamp, expiredOf(run), run.payloads_before, run.chains]),
)}
${cutNote(runs)}
</section>`;
}

function expiredOf({ expired }: Run): Html {
  const lines = expired.map(({ collection, before }) => html`<div>${collection}: ${before}</div>`);
  return html`${lines}`;
}
