import { attentionOf } from "./attention.ts";
import { callsSection, coverageSection, denialsSection } from "./html-calls.ts";
import { integritySection } from "./html-integrity.ts";
import { type Html, html, percentText } from "./html-parts.ts";
import { accessSection, alertsSection, policySection, retentionSection } from "./html-surroundings.ts";
import type { Report } from "./report.ts";
import { style } from "./style.ts";

/** The report as one page that needs nothing else: no script, no picture, no font; to be read, or printed on A4. */
export function renderReport(report: Report): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>Governance compliance report</title>
<style>${{ html: style }}</style>
</head>
<body>
${head(report)}
${summary(report)}
${integritySection(report)}
${callsSection(report)}
${denialsSection(report)}
${coverageSection(report)}
${policySection(report)}
${accessSection(report)}
${alertsSection(report)}
${retentionSection(report)}
</body>
</html>
`.html;
}

function head({ period, servers, created_at, requested_by, deployments }: Report): Html {
  const scope = servers ? servers.join(", ") : "all servers";
  const modes = deployments.map(
    ({ deployment_mode, revision, total_servers, setup_time }) =>
      html`<dt>Deployment</dt><dd><bdi>${deployment_mode}</bdi>, ${total_servers} servers, configuration <code>${revision}</code>${setup_time ? html` since ${setup_time}` : null}</dd>`,
  );
  return html`<header>
<h1>Governance compliance report</h1>
<dl>
<dt>Period</dt><dd>${period.from} to ${period.to}${period.is_over ? null : html` <span class="mind">(not over yet)</span>`}</dd>
<dt>Scope</dt><dd><bdi>${scope}</bdi></dd>
${modes}
<dt>Made</dt><dd>${created_at} for <bdi>${requested_by}</bdi></dd>
</dl>
</header>`;
}

function summary(report: Report): Html {
  const { calls, integrity } = report;
  const permitted = calls.total - calls.denied;
  const figure = (value: string | number, title: string) => html`<div class="figure"><b>${value}</b>${title}</div>`;
  const points = attentionOf(report);
  const attention =
    points.length === 0
      ? html`<p class="verdict good"><b>Nothing needs attention.</b></p>`
      : html`<div class="verdict mind"><b>Needs attention</b><ul>${points.map((point) => html`<li>${point}</li>`)}</ul></div>`;
  return html`<section>
<h2>Summary</h2>
<div class="figures">
${figure(calls.total, "governed calls")}
${figure(percentText(calls.success, permitted), "of permitted calls succeeded")}
${figure(calls.denied, "denied")}
${figure(calls.unknown, "whose end nobody saw")}
${figure(verdictOf(integrity), "audit trail")}
</div>
${attention}
</section>`;
}

function verdictOf(integrity: Report["integrity"]): string {
  if (!integrity) return "not checked";
  return integrity.intact ? "intact" : "not intact";
}
