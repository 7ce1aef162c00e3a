import type { ExportScope, Finding, Integrity } from "@mcp-governance-bridge/tracker";
import { columns } from "../columns.ts";
import { printable } from "../printable.ts";

const KEYS_FROM: Readonly<Record<Integrity["keys_from"], string>> = {
  given: "given by --public-key",
  anchor: "those of the anchor",
  record: "named by the record itself",
};
const UNPROVEN =
  "note: whoever writes to the record can sign with a key of his own: only --public-key or --anchor, kept elsewhere, finds him";

/** What was verified. */
interface Verified {
  name: string;
  /** What an export says of itself. */
  scope?: ExportScope | undefined;
}

/** A verification for people to read. */
export function integrityText({ name, scope }: Verified, integrity: Integrity): string[] {
  const { findings, findings_total: total, intact } = integrity;
  const more = total - findings.length;
  return [
    intact ? `${name} is intact` : `${name} is not intact: ${total} ${total === 1 ? "finding" : "findings"}`,
    ...columns(findings.map(row)).map(printable),
    ...(more > 0 ? [`  and ${more} more`] : []),
    "",
    ...columns(covered(integrity)),
    ...(integrity.keys_from === "record" ? [UNPROVEN] : []),
    ...(scope ? [scopeText(scope)] : []),
    ...notes(integrity),
  ];
}

const row = ({ kind, message }: Finding): string[] => [kind, message];

function covered(integrity: Integrity): string[][] {
  const { from, to, newest_checkpoint: newest, keys, keys_from: keysFrom } = integrity;
  const period = from && to ? `${from.toISOString()} to ${to.toISOString()}` : "none";
  return [
    ["records", String(integrity.records)],
    ["chain", `${integrity.facts} facts in ${integrity.blocks} blocks of ${integrity.partitions} chains`],
    ["period", period],
    [
      "checkpoints",
      `${integrity.checkpoints}, ${newest ? newestText(integrity.checked_at, newest.at) : "none newest"}`,
    ],
    ["keys", `${keys.join(", ") || "none"} (${KEYS_FROM[keysFrom]})`],
  ];
}

/** Its header is not signed: whoever relies on it must see what it leaves out. */
function scopeText({ from, to, collections, isFiltered }: ExportScope): string {
  const period = [from, to].map((time) => new Date(time).toISOString()).join(" to ");
  return printable(
    `note: of ${collections.join(", ")}, ${period}, ${isFiltered ? "filtered" : "all"}, as the export says`,
  );
}

function newestText(now: Date, at: Date): string {
  const seconds = Math.round((now.getTime() - at.getTime()) / 1_000);
  return `the newest of ${at.toISOString()}, ${seconds} s before the check`;
}

function notes({ pending, unsealed, unfinished, expired, not_provable: notProvable }: Integrity): string[] {
  const told: readonly [number, string][] = [
    [pending, "records too fresh to be judged"],
    [unsealed, "blocks not signed for yet"],
    [unfinished, "facts not signed for that no record shows"],
    [expired, "facts of records that retention has taken"],
    [notProvable, "facts of records that the export leaves out, so that nothing is proved of these"],
  ];
  return told.filter(([count]) => count > 0).map(([count, what]) => `note: ${what}: ${count}`);
}
