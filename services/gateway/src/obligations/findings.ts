import type { Masking } from "@mcp-governance-bridge/shared";
import type { Hit, ResultRule } from "./rule.ts";

/** Places that are named one by one; what is found in more is counted together, so that no record grows with its result. */
const MAX_PLACES = 100;

/** What was found where, as it is recorded. */
export class Findings {
  readonly masked: Masking[] = [];

  add(rule: ResultRule, hits: readonly Hit[], pointer: string): void {
    for (const hit of hits) this.#add(rule, hit, this.masked.length < MAX_PLACES ? pointer : "");
  }

  #add({ rule, action, isTrial }: ResultRule, { pattern, count }: Hit, pointer: string): void {
    const same = this.masked.find(
      (each) => each.pointer === pointer && each.rule === rule && each.action === action && each.pattern === pattern,
    );
    if (same) same.count += count;
    else this.masked.push({ rule, action, pattern, pointer, count, ...(isTrial && { shadow: true }) });
  }
}
