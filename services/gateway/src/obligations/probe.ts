import { Walk } from "../jsonrpc/walk.ts";
import { readAt } from "./encoding.ts";
import { isFree, type Target } from "./place.ts";
import type { ResultRule } from "./rule.ts";

/** Leaves and characters that are looked at together. */
const LEAVES = 64;
const CHARACTERS = 16 * 1024;

const NONE: ReadonlySet<ResultRule> = new Set();

/**
 * Goes ahead of those who look at one leaf after the other and looks at many together, which is cheaper by far where
 * there is nothing to be found.
 */
export class Probe {
  /** Where in the text the leaves end that were looked at. */
  end = 0;
  /** The rules that find nothing in them. */
  clean: ReadonlySet<ResultRule> = NONE;
  readonly #target: Target;
  readonly #walk: Walk;
  readonly #rules: readonly ResultRule[];

  constructor(target: Target, rules: readonly ResultRule[]) {
    this.#target = target;
    this.#walk = new Walk(target.text, target.span);
    this.#rules = rules.filter(({ searches }) => searches);
  }

  /** Looks at the leaves that come next. */
  advance(): void {
    if (this.#rules.length === 0) {
      this.end = this.#target.span.end;
      return;
    }
    const values = this.#values();
    this.clean = new Set(this.#rules.filter((rule) => !rule.mayFind(values)));
  }

  #values(): unknown[] {
    const values: unknown[] = [];
    const from = this.end;
    while (values.length < LEAVES && this.end - from < CHARACTERS) {
      if (!this.#walk.next()) {
        this.end = this.#target.span.end;
        break;
      }
      this.end = this.#walk.end;
      values.push(this.#value());
    }
    return values;
  }

  /** As the rules will see it: numbers as they are written, and with the key where that says something. */
  #value(): unknown {
    const { kind, path, value } = this.#walk;
    if (kind === "key") return value;
    const read = readAt(this.#target.part, path, { kind, value });
    const key = path.at(-1);
    return key !== undefined && isFree(this.#target.part, path.slice(0, -1)) ? { [key]: read } : read;
  }
}
