import type { Obligation } from "@mcp-governance-bridge/shared";
import { stepsOf } from "../jsonrpc/walk.ts";
import { isMirror, isWithin, maskMirror, mirroredSteps } from "./mirror.ts";
import type { Part, Standing } from "./place.ts";

/** Replaces what its patterns find. */
export interface Masker {
  /** False where nothing is found in any text, key, or key with its value. */
  mayFind(values: readonly unknown[]): boolean;
  /** A text in which nothing is found comes back as the same text. */
  mask(text: string, mask: string): { text: string; found: readonly { name: string; count: number }[] };
}

/** An obligation about what is handed back. */
export type ResultObligation = Exclude<Obligation, { kind: "report" }>;
export type Action = ResultObligation["kind"];

/** One key or value of a message, as rules look at it. */
export interface Leaf {
  part: Part;
  kind: "key" | "string" | "scalar";
  /** What it says, decoded. */
  value: string;
  path: readonly string[];
  /** The key it stands under, where that is data too. */
  key: string | undefined;
  standing: Standing;
}

export interface Hit {
  /** Null where no pattern was looked for. */
  pattern: string | null;
  count: number;
}

/** What a rule makes of a leaf: the value it becomes, and why. */
export interface Verdict {
  value: string;
  hits: readonly Hit[];
}

export interface ResultRule {
  action: Action;
  rule: string;
  reason: string;
  /** Only tried: it looks and changes nothing. */
  isTrial: boolean;
  /** Whether it changes what it finds, instead of objecting to the whole. */
  isMask: boolean;
  /** Whether it looks for patterns at all. */
  searches: boolean;
  /** False where none of its patterns is in any of these. */
  mayFind(values: readonly unknown[]): boolean;
  /** `isClean` where none of its patterns is in the leaf. */
  look(leaf: Leaf, isClean: boolean): Verdict;
}

const DEFAULT_MASK = "[masked]";
/** Names say what short values are; long texts say it themselves. */
const PAIRED = 256;

const SELECTED: readonly Hit[] = [{ pattern: null, count: 1 }];
const NOTHING: readonly Hit[] = [];

/** Makes an obligation ready to be applied to any number of messages. Throws where a pack or pattern cannot be had. */
export function compileRule(obligation: ResultObligation, maskerOf: (obligation: Searching) => Masker): ResultRule {
  const { kind: action, rule, shadow } = obligation;
  const isTrial = shadow === true;
  const common = { action, rule, isTrial, isMask: !isTrial && (action === "redact" || action === "truncate") };
  if (obligation.kind === "truncate") {
    return { ...common, ...BLIND, reason: "", look: (leaf) => truncated(leaf, obligation.maxCharacters) };
  }
  const reason = obligation.kind === "redact" ? "" : obligation.reason;
  const masker = obligation.packs.length + obligation.patterns.length > 0 ? maskerOf(obligation) : undefined;
  const search = masker ? { searches: true, mayFind: masker.mayFind } : BLIND;
  return { ...common, ...search, reason, look: finder(obligation, masker) };
}

const BLIND = { searches: false, mayFind: () => false };

export type Searching = Exclude<ResultObligation, { kind: "truncate" }>;

function finder(obligation: Searching, masker: Masker | undefined): ResultRule["look"] {
  const { pointers } = obligation;
  const mask = obligation.kind === "redact" ? obligation.mask : DEFAULT_MASK;
  // Nothing to look for is the whole, which is what the empty pointer points at.
  const selections = masker || pointers.length > 0 ? pointers.map(stepsOf) : [[]];
  const mirrored = mirroredSteps(selections);
  return (leaf, isClean) => {
    if (isSelected(leaf, selections)) return { value: mask, hits: SELECTED };
    const first = mirrored.length > 0 ? inMirror(leaf, mirrored, mask) : { value: leaf.value, hits: NOTHING };
    if (masker === undefined || isClean || leaf.standing === "fixed") return first;
    const { value, hits } = searched({ ...leaf, value: first.value }, masker, mask);
    return { value, hits: [...first.hits, ...hits] };
  };
}

/** Pointed at, or inside what is pointed at. Keys stay: they say what something is, not what it is worth. */
function isSelected({ part, kind, path, standing, value }: Leaf, selections: readonly (readonly string[])[]): boolean {
  if (kind === "key" || standing === "fixed" || (kind === "scalar" && value === "null")) return false;
  // Pointers lead into results; only the empty one is about whatever the upstream says.
  const meant = part === "result" ? selections : selections.filter((steps) => steps.length === 0);
  if (standing === "kept")
    return isWithin(
      path,
      meant.filter((steps) => steps.length === path.length),
    );
  return isWithin(path, meant);
}

function inMirror({ part, path, value }: Leaf, selections: readonly (readonly string[])[], mask: string): Verdict {
  if (part !== "result" || !isMirror(path)) return { value, hits: NOTHING };
  const { text, count } = maskMirror(value, selections, mask);
  return { value: text, hits: count > 0 ? [{ pattern: null, count }] : NOTHING };
}

function searched({ value, key }: Leaf, masker: Masker, mask: string): Verdict {
  const alone = masker.mask(value, mask);
  const hits = alone.found.map(hitOf);
  const together = key === undefined ? [] : inPair(key, alone.text.slice(0, PAIRED), (text) => masker.mask(text, mask));
  if (together.length === 0) return { value: alone.text, hits };
  // The key says what the value is, so that all of it must go.
  return { value: mask, hits: [...hits, ...together] };
}

/** What is found in `key: value` that is in neither alone. */
function inPair(key: string, value: string, mask: (text: string) => ReturnType<Masker["mask"]>): Hit[] {
  if (mask(`${key}: ${value}`).found.length === 0) return [];
  return mask(`${mask(key).text}: ${value}`).found.map(hitOf);
}

function hitOf({ name, count }: { name: string; count: number }): Hit {
  return { pattern: name, count };
}

function truncated({ kind, value, standing }: Leaf, max: number): Verdict {
  if (kind !== "string" || standing !== "data" || value.length <= max) return { value, hits: NOTHING };
  // Half of a surrogate pair is no character.
  const isHigh = max > 0 && (value.charCodeAt(max - 1) & 0xfc00) === 0xd800;
  const cut = value.slice(0, isHigh ? max - 1 : max);
  return { value: `${cut}[truncated by policy: ${max} of ${value.length} characters]`, hits: SELECTED };
}
