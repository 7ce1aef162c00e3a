import { GovernedMethod } from "@mcp-governance-bridge/shared";
import type { Selector } from "@mcp-governance-bridge/shared/configuration";

/** Which members name the targets of a method. */
const TARGETS: Partial<Record<GovernedMethod, readonly ("tools" | "prompts" | "resources")[]>> = {
  "tools/call": ["tools"],
  "prompts/get": ["prompts"],
  "resources/read": ["resources"],
  "resources/subscribe": ["resources"],
  "completion/complete": ["prompts", "resources"],
};

/** Methods whose targets may have annotations, and the member that names these. */
const ANNOTATED: Partial<Record<GovernedMethod, "tools" | "prompts">> = {
  "tools/call": "tools",
  "prompts/get": "prompts",
  "completion/complete": "prompts",
};

/** The methods of calls that a selector can match. */
export function methodsOf(selector: Selector): GovernedMethod[] {
  const { methods, tools, prompts, resources, annotations } = selector;
  const isTargeted = tools !== undefined || prompts !== undefined || resources !== undefined;
  const isNamed = (kind: keyof Selector | undefined) =>
    kind !== undefined && (!isTargeted || selector[kind] !== undefined);
  return GovernedMethod.options.filter(
    (method) =>
      (methods === undefined || methods.includes(method)) &&
      (!isTargeted || (TARGETS[method] ?? []).some(isNamed)) &&
      (annotations === undefined || isNamed(ANNOTATED[method])),
  );
}

/** Whether a selector is about tools and nothing else. */
export function isAboutTools(selector: Selector): boolean {
  const methods = methodsOf(selector);
  return methods.length === 1 && methods[0] === "tools/call";
}
