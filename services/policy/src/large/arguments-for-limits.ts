import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";

type Container = Record<string, unknown>;

/** JSON pointers to the arguments that limits of a server count by. */
export function pointersOf({ global, servers }: PolicyDocument, server: string): string[] {
  const own = Object.hasOwn(servers, server) ? servers[server] : undefined;
  const by = [...global.limits, ...(own?.limits ?? [])].flatMap((limit) => limit.by);
  return [...new Set(by.flatMap((dimension) => (typeof dimension === "string" ? [] : dimension.argument)))];
}

/** As much of the arguments as the pointers lead to, each at its own place. */
export function argumentsAt(pointers: readonly string[], given: unknown): unknown {
  const root: Container = { given: undefined };
  // What is whole already is not taken apart.
  for (const pointer of pointers.toSorted((a, b) => a.length - b.length)) {
    copy(["given", ...stepsOf(pointer)], { given }, root);
  }
  return root.given;
}

function copy([step = "", ...rest]: readonly string[], from: Container, to: Container): void {
  if (!Object.hasOwn(from, step)) return;
  const value = from[step];
  if (rest.length === 0 || !isContainer(value)) {
    if (rest.length === 0) define(to, step, value);
    return;
  }
  if (to[step] === value) return;
  if (!Object.hasOwn(to, step) || to[step] === undefined) define(to, step, Array.isArray(value) ? [] : {});
  copy(rest, value, to[step] as Container);
}

/** Also for `__proto__`, which is a name like any other. */
function define(container: Container, step: string, value: unknown): void {
  Object.defineProperty(container, step, { value, enumerable: true, writable: true, configurable: true });
}

function isContainer(value: unknown): value is Container {
  return typeof value === "object" && value !== null;
}

function stepsOf(pointer: string): string[] {
  return pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
}
