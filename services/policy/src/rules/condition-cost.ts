/** A node of a parsed condition, as cel-js has it. */
export interface Node {
  op: string;
  args: unknown;
  /** Where it stands in the source. */
  start: number;
  end: number;
}

/** How the work of evaluating grows with what a call brings along. */
interface Cost {
  /** The work is at most the size of the arguments to this power, times the size of the condition. */
  degree: number;
  /** What of unknown size is looked at: variables, and those of comprehensions around. */
  reads: ReadonlySet<string>;
}

/** Variables whose size the client or the upstream chooses. */
const UNBOUNDED = new Set(["args", "annotations", "tool", "client"]);
const COMPREHENSIONS = new Set(["all", "exists", "exists_one", "map", "filter"]);
/** A long text in a long text, at worst. */
const SEARCHES = new Set(["contains", "indexOf", "lastIndexOf", "split"]);
const FREE: Cost = { degree: 0, reads: new Set() };

/** The power of the size of the arguments with which the work grows at worst: 0 for `principal == "ada"`, 1 for a look through a list. */
export function degreeOf(root: Node): number {
  return costOf(root, new Set()).degree;
}

/** The nodes that a node is made of. */
export function childrenOf({ op, args }: Node): readonly Node[] {
  const given: unknown[] = op === "value" || op === "id" ? [] : [args].flat(4);
  return given.filter(isNode);
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "op" in value;
}

type Locals = ReadonlySet<string>;

function costOf(node: Node, locals: Locals): Cost {
  if (node.op === "id") return costOfName(String(node.args), locals);
  if (node.op === "rcall") return costOfMethod(node, locals);
  return together(childrenOf(node), { locals, isWork: node.op !== "." });
}

function costOfName(name: string, locals: Locals): Cost {
  return UNBOUNDED.has(name) || locals.has(name) ? { degree: 0, reads: new Set([name]) } : FREE;
}

function costOfMethod(node: Node, locals: Locals): Cost {
  const [name, receiver, given] = node.args as [string, Node, readonly Node[]];
  const [variable, ...bodies] = given;
  if (variable?.op === "id" && COMPREHENSIONS.has(name)) {
    return costOfComprehension({ range: receiver, variable: String(variable.args), bodies }, locals);
  }
  if (variable?.op === "id" && name === "bind") {
    const inside = together(bodies, { locals: new Set([...locals, String(variable.args)]), isWork: true });
    return { ...inside, reads: without(inside.reads, String(variable.args)) };
  }
  const cost = together([receiver, ...given], { locals, isWork: true });
  if (!SEARCHES.has(name)) return cost;
  const isSearchForUnknown = together(given, { locals, isWork: false }).reads.size > 0;
  return isSearchForUnknown ? { ...cost, degree: Math.max(cost.degree, 2) } : cost;
}

interface Comprehension {
  range: Node;
  variable: string;
  bodies: readonly Node[];
}

/** What a body does with its own element alone adds up to one look at the range; what else it looks at, it looks at each time. */
function costOfComprehension({ range, variable, bodies }: Comprehension, locals: Locals): Cost {
  const over = together([range], { locals, isWork: true });
  const inside = together(bodies, { locals: new Set([...locals, variable]), isWork: true });
  const others = without(inside.reads, variable);
  const reads = new Set([...over.reads, ...others]);
  if (others.size === 0) return { degree: Math.max(over.degree, inside.degree), reads };
  return { degree: over.degree + Math.max(1, inside.degree), reads };
}

function together(nodes: readonly Node[], { locals, isWork }: { locals: Locals; isWork: boolean }): Cost {
  const costs = nodes.map((node) => costOf(node, locals));
  const reads = new Set(costs.flatMap((cost) => [...cost.reads]));
  const least = isWork && reads.size > 0 ? 1 : 0;
  return { degree: Math.max(least, ...costs.map(({ degree }) => degree)), reads };
}

function without(names: ReadonlySet<string>, name: string): Set<string> {
  return new Set([...names].filter((other) => other !== name));
}
