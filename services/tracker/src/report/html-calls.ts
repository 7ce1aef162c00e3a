import { type Html, html, percentText, table, topTable } from "./html-parts.ts";
import type { Report } from "./report.ts";

const ENDS = ["Success", "Error", "Denied", "Unknown"];
const counted = { isNumber: true } as const;

export function callsSection({ calls }: Report): Html {
  const share = (name: string, count: number) => [name, count, percentText(count, calls.total)];
  const outcomes = [
    share("Succeeded", calls.success),
    share("Failed", calls.error),
    share("Denied", calls.denied),
    share("Unknown: nobody saw the end", calls.unknown),
    share("Not ended", calls.open),
  ];
  const columns = [{ title: "Outcome" }, { title: "Calls", ...counted }, { title: "Share", ...counted }];
  return html`<section>
<h2>Calls</h2>
${table(columns, outcomes)}
<h3>By server</h3>
${topTable(calls.servers, { names: ["Server"], marks: ENDS })}
<h3>Tools, prompts and resources called most</h3>
${topTable(calls.tools, { names: ["Server", "Tool"], marks: ENDS })}
<h3>Principals who called most</h3>
${topTable(calls.principals, { names: ["Principal"], marks: ENDS })}
<div class="pair">
<div><h3>By method</h3>${topTable(calls.methods, { names: ["Method"] })}</div>
<div><h3>By transport</h3>${topTable(calls.transport, { names: ["Transport"] })}</div>
</div>
</section>`;
}

export function denialsSection({ calls: { denials }, decisions }: Report): Html {
  const of = "Denials";
  return html`<section>
<h2>Decisions and denials</h2>
<p>${decisions.total} decisions: ${decisions.allowed} permitted, ${decisions.denied} denied. Rules on trial would have denied ${decisions.would_deny}.</p>
<div class="pair">
<div><h3>By code</h3>${topTable(denials.codes, { names: ["Code"], of })}</div>
<div><h3>By rule</h3>${topTable(denials.rules, { names: ["Rule"], of })}</div>
<div><h3>By server</h3>${topTable(denials.servers, { names: ["Server"], of })}</div>
<div><h3>By principal</h3>${topTable(denials.principals, { names: ["Principal"], of })}</div>
</div>
<h3>By tool</h3>
${topTable(denials.tools, { names: ["Server", "Tool"], of })}
<h3>Revisions of the policy that decided</h3>
${topTable(decisions.revisions, { names: ["Revision"], of: "Decisions" })}
</section>`;
}

export function coverageSection({ coverage, calls }: Report): Html {
  const { servers, tools, dead_letters, recording_off } = coverage;
  const row = (title: string, count: number, whole?: number) => [
    title,
    count,
    whole === undefined ? "" : percentText(count, whole),
  ];
  const facts = [
    row("Calls on record", calls.total),
    row("… with their decision", coverage.calls.with_decision, calls.total),
    row("… whose end is known", coverage.calls.with_end - calls.unknown, calls.total),
    row("… closed as unknown", calls.unknown, calls.total),
    row("… with inputs or outputs cut to the size that is kept", coverage.calls.truncated, calls.total),
    row("… whose inputs and outputs have expired", coverage.calls.payloads_expired, calls.total),
    row("… with results that rules changed", coverage.calls.masked, calls.total),
    row("Decisions whose call is not kept, by the server's settings", coverage.decisions_alone),
    row("Messages that could not be processed", dead_letters.in_period),
    row("… of which still unresolved", dead_letters.unresolved),
    row("Active servers", servers.active),
    row("Tools offered", tools.inventory),
    row("… of which called", tools.called, tools.inventory),
  ];
  const columns = [{ title: "What" }, { title: "Count", ...counted }, { title: "Share", ...counted }];
  const toolRows = (list: readonly { server_name: string; tool_name: string }[]) =>
    list.map(({ server_name, tool_name }) => [server_name, tool_name]);
  const toolColumns = [{ title: "Server" }, { title: "Tool" }];
  return html`<section>
<h2>Coverage of the record</h2>
${table(columns, facts)}
<h3>Recording settings that are off</h3>
${table(
  [{ title: "Server" }, { title: "Setting" }],
  recording_off.map(({ server_name, setting }) => [server_name, setting]),
)}
<h3>Active servers without calls</h3>
${table(
  [{ title: "Server" }],
  servers.without_calls.map((name) => [name]),
)}
<h3>Called, but not among the tools offered (${tools.not_in_inventory.of})</h3>
<p class="soft">Prompts and resources are not tools; a tool that was taken back since is here too.</p>
${table(toolColumns, toolRows(tools.not_in_inventory.tools))}
<h3>Offered, but never called (${tools.never_called.of})</h3>
${table(toolColumns, toolRows(tools.never_called.tools))}
<h3>Longest times without a call</h3>
<p class="soft">A silence is no proof of a gap: the chain of evidence is.</p>
${table(
  [{ title: "From" }, { title: "To" }],
  calls.silences.map(({ from, to }) => [from, to]),
  "None of an hour or more.",
)}
</section>`;
}
