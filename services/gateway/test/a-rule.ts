import type { Applied } from "../src/obligations/apply.ts";
import { applying } from "../src/obligations/apply.ts";
import type { Part } from "../src/obligations/place.ts";
import { compileRule, type Masker, type ResultObligation, type ResultRule } from "../src/obligations/rule.ts";

const nothing = { packs: [], patterns: [], pointers: [] };

export function redact(changes: Partial<Extract<ResultObligation, { kind: "redact" }>> = {}): ResultObligation {
  return { kind: "redact", rule: "results.redact", mask: "[masked]", ...nothing, ...changes };
}

export function withhold(changes: Partial<Extract<ResultObligation, { kind: "withhold" }>> = {}): ResultObligation {
  return { kind: "withhold", rule: "results.withhold", reason: "it is private", ...nothing, ...changes };
}

export function deny(changes: Partial<Extract<ResultObligation, { kind: "deny" }>> = {}): ResultObligation {
  return { kind: "deny", rule: "results.deny", reason: "it is private", ...nothing, ...changes };
}

export function truncate(maxCharacters: number): ResultObligation {
  return { kind: "truncate", rule: "results.truncate", maxCharacters };
}

/** Masks what plain regular expressions find, so that a test of the gateway's part depends on no pack. */
function aMasker({ patterns }: { patterns: readonly string[] }): Masker {
  return {
    mayFind: () => true,
    mask(text, mask) {
      const found: { name: string; count: number }[] = [];
      let masked = text;
      for (const source of patterns) {
        const count = [...masked.matchAll(new RegExp(source, "g"))].length;
        if (count > 0) found.push({ name: source, count });
        masked = masked.replaceAll(new RegExp(source, "g"), () => mask);
      }
      return { text: masked, found };
    },
  };
}

/** Applies rules to a JSON text that is one part of a message as a whole. */
export function apply(text: string, obligations: readonly ResultObligation[], part: Part = "result"): Applied {
  const rules = obligations.map((obligation) => compileRule(obligation, aMasker));
  return applyRules(text, rules, part);
}

export function applyRules(text: string, rules: readonly ResultRule[], part: Part = "result"): Applied {
  const work = applying({ text, part, span: { start: 0, end: text.length } }, rules);
  for (;;) {
    const { done, value } = work.next();
    if (done) return value;
  }
}
