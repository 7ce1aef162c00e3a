import type { Node } from "jsonc-parser";
import type { Finding, Path } from "./problem.ts";

/** Variables by name; an empty value counts as unset. */
export type Variables = Readonly<Record<string, string | undefined>>;

export interface ReplaceOptions {
  env: Variables;
  /** True for values whose text stays as it is. */
  keeps: (path: Path) => boolean;
}

/** The file's data with variables replaced. */
export interface Replaced {
  value: unknown;
  findings: readonly Finding[];
  /** What came from the environment, or would have, and therefore must not be shown. */
  secrets: readonly Secret[];
}

/** A reference to a variable. */
export interface Secret {
  path: Path;
  /** What the environment has; `undefined` where a default stands for it. */
  value: string | undefined;
}

const REFERENCE = /\$\$\{|\$\{([A-Za-z_]\w*)(?::-([^{}]*))?\}|\$\{/g;

/** Replaces `${NAME}` and `${NAME:-default}` in every string value; `$${` stands for a literal `${`. */
export function replaceVariables(tree: Node, { env, keeps }: ReplaceOptions): Replaced {
  const findings: Finding[] = [];
  const secrets: Secret[] = [];

  const visit = (node: Node, path: Path): unknown => {
    if (node.type === "array") return (node.children ?? []).map((child, index) => visit(child, [...path, index]));
    if (node.type === "object") return Object.fromEntries((node.children ?? []).map((child) => member(child, path)));
    return node.type === "string" && !keeps(path) ? replaceIn(String(node.value), path) : node.value;
  };

  const member = ({ children = [] }: Node, path: Path): [string, unknown] => {
    const key = String(children[0]?.value);
    return [key, children[1] && visit(children[1], [...path, key])];
  };

  const replaceIn = (text: string, path: Path): string =>
    text.replaceAll(REFERENCE, (reference: string, name?: string, fallback?: string) => {
      if (reference === "$${") return "${";
      const found = lookUp(env, name);
      secrets.push({ path, value: found });
      const value = found ?? fallback;
      if (value === undefined) findings.push({ path, message: complaint(name) });
      return value ?? "";
    });

  const value = visit(tree, []);
  return { value, findings, secrets };
}

function lookUp(env: Variables, name: string | undefined): string | undefined {
  return name !== undefined && Object.hasOwn(env, name) ? env[name] || undefined : undefined;
}

function complaint(name: string | undefined): string {
  if (name !== undefined) return `refers to the environment variable ${name}, which is not set`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: the form that the file uses
  return "has a broken reference: write ${NAME}, ${NAME:-default}, or $${ for a literal ${";
}
