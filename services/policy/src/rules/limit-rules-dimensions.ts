import { canonicalJson, type DecisionRequest, digestOf, type GovernedMethod } from "@mcp-governance-bridge/shared";
import type { LimitRule } from "@mcp-governance-bridge/shared/configuration";

/** Something of a call that has a count of its own. */
interface Dimension {
  /** Differs where counts differ; holds no argument in the clear, since keys are seen by those who see leases. */
  read: (request: DecisionRequest) => unknown;
  /** Names it in refusals. */
  describe: (request: DecisionRequest) => string;
}

/** What the calls of a limit are counted by. */
export interface Dimensions {
  /** The key of the count that a call belongs to. */
  keyOf: (request: DecisionRequest) => string;
  /** ` for principal alice, tool add`; empty where all calls are counted together. */
  whose: (request: DecisionRequest) => string;
}

type By = LimitRule["by"][number];

const MAX_KEY = 256;
const MAX_NAME = 100;
/** Longer values are told apart by their text as it came, so that the order of members counts. */
const MAX_CANONICAL = 10_000;

/** `prefix` tells the counts of one limit from those of any other. */
export function compileDimensions(prefix: readonly unknown[], by: readonly By[]): Dimensions {
  const dimensions = by.map(compileDimension);
  const fixed = JSON.stringify(prefix);
  if (dimensions.length === 0) return { keyOf: () => fixed, whose: () => "" };
  return {
    keyOf(request) {
      const key = JSON.stringify([...prefix, ...dimensions.map(({ read }) => read(request))]);
      return key.length <= MAX_KEY ? key : JSON.stringify([...prefix, { digest: digestOf(key) }]);
    },
    whose: (request) => ` for ${dimensions.map(({ describe }) => describe(request)).join(", ")}`,
  };
}

function compileDimension(by: By): Dimension {
  return typeof by === "string" ? DIMENSIONS[by] : argumentAt(by.argument);
}

const DIMENSIONS: Record<Extract<By, string>, Dimension> = {
  principal: {
    read: ({ principal }) => principal,
    describe: ({ principal }) => `principal ${short(principal)}`,
  },
  client: {
    read: ({ client }) => client?.name ?? null,
    describe: ({ client }) => (client ? `client ${short(client.name)}` : "clients without a name"),
  },
  session: {
    read: ({ sessionId }) => sessionId,
    describe: () => "this session",
  },
  server: {
    read: ({ server }) => server,
    describe: ({ server }) => `server ${server}`,
  },
  tool: {
    read: ({ server, method, target }) => [server, KINDS[method] ?? method, target],
    describe: ({ method, target }) => (target === method ? method : `${KINDS[method] ?? method} ${short(target)}`),
  },
};

/** Reading a resource and subscribing to it are counted together. */
const KINDS: Partial<Record<GovernedMethod, string>> = {
  "tools/call": "tool",
  "prompts/get": "prompt",
  "resources/read": "resource",
  "resources/subscribe": "resource",
};

function argumentAt(pointer: string): Dimension {
  const steps = pointer
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  return {
    read: ({ arguments: given }) => valueDigest(steps.reduce(stepInto, given)),
    describe: () => (pointer === "" ? "these arguments" : `this argument ${pointer}`),
  };
}

function stepInto(value: unknown, step: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  if (Array.isArray(value) && !/^(0|[1-9]\d*)$/.test(step)) return undefined;
  return Object.hasOwn(value, step) ? (value as Record<string, unknown>)[step] : undefined;
}

/** Equal for equal JSON values; null for none. */
function valueDigest(value: unknown): string | null {
  return value === undefined ? null : digestOf(textOf(value));
}

function textOf(value: unknown): string {
  try {
    const text = JSON.stringify(value);
    return typeof value === "object" && text.length <= MAX_CANONICAL ? canonicalJson(value) : text;
  } catch (error) {
    if (error instanceof RangeError) return "nested too deep to be written";
    throw error;
  }
}

function short(name: string): string {
  return name.length <= MAX_NAME ? name : `${name.slice(0, MAX_NAME)}…`;
}
