import type { Masking } from "@mcp-governance-bridge/shared";
import { splice } from "../jsonrpc/message.ts";
import type { Span } from "../jsonrpc/scan.ts";
import { pointerTo, Walk } from "../jsonrpc/walk.ts";
import { readAt, writtenAt } from "./encoding.ts";
import { Findings } from "./findings.ts";
import { isFree, type Part, standingOf, type Target } from "./place.ts";
import { Probe } from "./probe.ts";
import type { Leaf, ResultRule } from "./rule.ts";

export interface Applied {
  /** The text with what rules mask replaced; the very same text where they mask nothing. */
  text: string;
  masked: Masking[];
  /** The rule that denies the whole, or else withholds it. */
  objection: ResultRule | undefined;
}

/** Characters that are looked at before others get their turn. */
const SLICE = 128 * 1024;

/**
 * Applies rules to a part of a message. Everything that they leave alone stays byte for byte as it was.
 * A generator, so that whoever drives it can let others run where it yields.
 */
export function* applying(target: Target, rules: readonly ResultRule[]): Generator<void, Applied> {
  const { text, part, span } = target;
  const walk = new Walk(text, span);
  const probe = new Probe(target, rules);
  const work = new Work(part, rules, probe);
  const edits: [Span, string][] = [];
  let sliceEnd = span.start + SLICE;
  while (walk.next()) {
    if (walk.end > probe.end) probe.advance();
    const replacement = work.take(walk);
    if (replacement !== undefined) edits.push([{ start: walk.start, end: walk.end }, replacement]);
    if (walk.end < sliceEnd) continue;
    sliceEnd = walk.end + SLICE;
    yield;
  }
  const { findings, objection } = work;
  return { text: edits.length === 0 ? text : splice(text, edits), masked: findings.masked, objection };
}

class Work {
  readonly findings = new Findings();
  objection: ResultRule | undefined;
  readonly #part: Part;
  readonly #rules: readonly ResultRule[];
  readonly #probe: Probe;
  #renamed = 0;

  constructor(part: Part, rules: readonly ResultRule[], probe: Probe) {
    this.#part = part;
    this.#rules = rules;
    this.#probe = probe;
  }

  /** What takes the place of the token that stands here; undefined where it stays. */
  take(walk: Walk): string | undefined {
    const parent = walk.path.slice(0, -1);
    const isOwn = isFree(this.#part, parent);
    if (walk.kind === "key") return isOwn ? this.#key(walk, parent) : undefined;
    return this.#value(walk, isOwn ? walk.path.at(-1) : undefined);
  }

  #key(walk: Walk, parent: readonly string[]): string | undefined {
    const { path, value } = walk;
    const leaf: Leaf = { part: this.#part, kind: "key", value, path, key: undefined, standing: "data" };
    // What was found is not told by the place where it was.
    const { value: name, found } = this.#look(leaf, () => `${pointerTo(walk.shown.slice(0, parent.length))}/*`);
    if (found) walk.hideKey();
    if (name === value) return undefined;
    this.#renamed += 1;
    // Two members must not end up under one name.
    return JSON.stringify(this.#renamed === 1 ? name : `${name} (${this.#renamed})`);
  }

  #value({ kind, path, shown, value: was }: Walk, key: string | undefined): string | undefined {
    const part = this.#part;
    const value = readAt(part, path, { kind, value: was });
    const leaf: Leaf = { part, kind, value, path, key, standing: standingOf(part, path, { kind, value: was }) };
    const { value: is } = this.#look(leaf, () => pointerTo(shown));
    return is === value ? undefined : JSON.stringify(writtenAt(part, path, { was, is }));
  }

  /** What all rules leave of it, and whether any found something. */
  #look(leaf: Leaf, pointer: () => string): { value: string; found: boolean } {
    let value = leaf.value;
    let found = false;
    for (const rule of this.#rules) {
      // Who objects does so to what the upstream said, whatever others mask of it.
      const seen = rule.isMask ? { ...leaf, value } : leaf;
      const verdict = rule.look(seen, this.#probe.clean.has(rule));
      if (verdict.hits.length === 0) continue;
      found = true;
      this.findings.add(rule, verdict.hits, pointer());
      if (rule.isMask) value = verdict.value;
      else this.#object(rule);
    }
    return { value, found };
  }

  /** Denying goes before withholding, and the first of the kind before others. */
  #object(rule: ResultRule): void {
    if (rule.isTrial || this.objection?.action === "deny") return;
    if (this.objection === undefined || rule.action === "deny") this.objection = rule;
  }
}
