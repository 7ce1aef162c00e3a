import type { DecisionRequest } from "@mcp-governance-bridge/shared";
import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import { compileGlobs } from "./glob.ts";

/** What a selector looks at: nothing that differs between two calls of the same target by the same client. */
export type Subject = Pick<
  DecisionRequest,
  "principal" | "roles" | "client" | "server" | "method" | "target" | "annotations"
>;

type Member = keyof Selector;

/** A selector ready to be asked. */
export interface Selection {
  matches(subject: Subject): boolean;
  /** The first member that does not match; undefined where all do. `tools` stands for tools, prompts and resources. */
  mismatch(subject: Subject): Member | undefined;
}

type Test = (subject: Subject) => boolean;

type CompileGlobs = (globs: readonly string[]) => (text: string) => boolean;

/**
 * Compiles the members by which rules select calls. Cheap tests that rule out most come first.
 * `resourceGlobs` says how globs on resources are read, where targets are not URIs but templates of them.
 */
export function compileSelector(selector: Selector, resourceGlobs: CompileGlobs = compileGlobs): Selection {
  const tests: [Member, Test | undefined][] = [
    ["servers", globTest(selector.servers, ({ server }) => server)],
    ["methods", selector.methods && oneOf(selector.methods)],
    ["tools", targetTest(selector, resourceGlobs)],
    ["principals", globTest(selector.principals, ({ principal }) => principal)],
    ["roles", selector.roles && anyRole(selector.roles)],
    ["clients", globTest(selector.clients, ({ client }) => client?.name)],
    ["annotations", selector.annotations && annotationTest(selector.annotations)],
  ];
  const given = tests.filter((entry): entry is [Member, Test] => entry[1] !== undefined);
  const mismatch = (subject: Subject) => given.find(([, test]) => !test(subject))?.[0];
  return { mismatch, matches: (subject) => given.every(([, test]) => test(subject)) };
}

function globTest(
  globs: readonly string[] | undefined,
  read: (subject: Subject) => string | undefined,
): Test | undefined {
  if (globs === undefined) return undefined;
  const matches = compileGlobs(globs);
  return (subject) => {
    const text = read(subject);
    return text !== undefined && matches(text);
  };
}

function oneOf(methods: readonly string[]): Test {
  const wanted = new Set(methods);
  return ({ method }) => wanted.has(method);
}

function anyRole(roles: readonly string[]): Test {
  const wanted = new Set(roles);
  return (subject) => subject.roles.some((role) => wanted.has(role));
}

/** The kinds of targets, by method. A completion is about a prompt or about a resource. */
const KINDS = {
  "tools/call": ["tools"],
  "prompts/get": ["prompts"],
  "resources/read": ["resources"],
  "resources/subscribe": ["resources"],
  "completion/complete": ["prompts", "resources"],
} as const;

function targetTest({ tools, prompts, resources }: Selector, resourceGlobs: CompileGlobs): Test | undefined {
  if (!tools && !prompts && !resources) return undefined;
  const tests = {
    tools: tools && compileGlobs(tools),
    prompts: prompts && compileGlobs(prompts),
    resources: resources && resourceGlobs(resources),
  };
  return ({ method, target }) => {
    const kinds = method in KINDS ? KINDS[method as keyof typeof KINDS] : [];
    return kinds.some((kind) => tests[kind]?.(target));
  };
}

function annotationTest(wanted: NonNullable<Selector["annotations"]>): Test {
  const members = Object.entries(wanted);
  return ({ annotations }) => members.every(([name, value]) => annotations?.[name] === value);
}
