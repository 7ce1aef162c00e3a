import type { Integrity } from "../audit/verify/integrity.ts";
import { type Cell, type Html, html, table, timeText } from "./html-parts.ts";
import type { Report } from "./report.ts";

const SHOWN = 20;

const KEYS_FROM: Readonly<Record<Integrity["keys_from"], string>> = {
  given: "Signatures were checked with keys that were given from outside.",
  anchor: "Signatures were checked with the keys of checkpoints that are kept elsewhere.",
  record:
    "Signatures were checked with the keys that the record itself names: whoever can replace the whole record and its keys is found only with a key or a checkpoint kept elsewhere.",
};

export function integritySection({ integrity, integrity_error }: Report): Html {
  if (!integrity) {
    return html`<section><h2>Integrity of the record</h2>
<p class="verdict bad"><b>Not checked.</b> <span>${integrity_error}</span></p></section>`;
  }
  const shown = integrity.findings.slice(0, SHOWN);
  const cut =
    integrity.findings_total > shown.length ? html`<p class="soft">The first ${shown.length} are shown.</p>` : null;
  const verdict = integrity.intact
    ? html`<p class="verdict good"><b>Intact.</b> <span>Every record agrees with the signed chain of evidence.</span></p>`
    : html`<p class="verdict bad"><b>Not intact.</b> <span>Findings: ${integrity.findings_total}.</span></p>
${table(
  [{ title: "Kind" }, { title: "Finding" }],
  shown.map(({ kind, message }) => [kind, message]),
)}${cut}`;
  return html`<section>
<h2>Integrity of the record</h2>
${verdict}
${table([{ title: "What" }, { title: "Checked", isNumber: true }], rowsOf(integrity))}
<p class="soft">The check is about the whole record, not the period alone. ${KEYS_FROM[integrity.keys_from]} An export of the period can be verified without this system.</p>
</section>`;
}

function rowsOf(integrity: Integrity): Cell[][] {
  const { from, to, newest_checkpoint: newest } = integrity;
  return [
    ["Checked at", integrity.checked_at],
    ["Evidence from", from ?? "none"],
    ["Evidence to", to ?? "none"],
    ["Records", integrity.records],
    ["Facts", integrity.facts],
    ["Blocks", integrity.blocks],
    ["Chains, one for each run of a tracker", integrity.partitions],
    ["Signed checkpoints", integrity.checkpoints],
    ["Newest checkpoint", newest ? `${timeText(newest.at)}, key ${newest.key_id}` : "none"],
    ["Keys that signed", integrity.keys.join(", ") || "none"],
    ["Facts whose records retention has taken", integrity.expired],
    ["Facts not signed for that no record shows", integrity.unfinished],
    ["Records too fresh to be judged", integrity.pending],
    ["Blocks not signed for yet", integrity.unsealed],
  ];
}
