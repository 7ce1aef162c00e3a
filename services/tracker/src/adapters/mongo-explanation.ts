import type { Explanation } from "./explanation.ts";

/** Reads a server's plan: MongoDB's stages, or the nodes of PostgreSQL that FerretDB answers. */
export function explanationOf(plan: unknown): Explanation {
  const readings = [...nodesOf(plan)].flatMap(readingOf);
  const indexes = readings.flatMap((reading) => (reading === ALL ? [] : reading));
  return { indexes: [...new Set(indexes)], isScan: readings.includes(ALL) };
}

type Node = Readonly<Record<string, unknown>>;

const ALL = Symbol("all");

function* nodesOf(plan: unknown): Iterable<Node> {
  if (typeof plan !== "object" || plan === null) return;
  if (!Array.isArray(plan)) yield plan as Node;
  for (const [name, part] of Object.entries(plan)) if (name !== "rejectedPlans") yield* nodesOf(part);
}

function readingOf(node: Node): (string | typeof ALL)[] {
  const kind = String(node.stage ?? node["Node Type"] ?? "");
  if (kind === "COLLSCAN" || kind === "Seq Scan") return [ALL];
  if (kind.endsWith("IDHACK")) return ["_id"];
  const index = node.indexName ?? node["Index Name"];
  if (!/IXSCAN|Index (Only )?Scan/.test(kind) || typeof index !== "string") return [];
  if (index !== "_id_") return [index];
  // FerretDB reads a whole collection by the index of its ids.
  const condition = node["Index Cond"];
  return typeof condition === "string" && !condition.includes("object_id") ? [ALL] : ["_id"];
}
