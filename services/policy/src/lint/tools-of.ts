import type { Selector } from "@mcp-governance-bridge/shared/configuration";
import { compileGlobs } from "../rules/glob.ts";
import type { Catalogue, CatalogueTool } from "./catalogue.ts";
import { isAboutTools } from "./methods.ts";
import type { Placed } from "./placed-rules.ts";

/** All tools of the servers that a rule can be about; undefined where they are not all known. */
export function toolsInScope({ servers }: Placed<Selector>, catalogue: Catalogue): CatalogueTool[] | undefined {
  const known = servers.map((server) => catalogue.get(server));
  return known.length > 0 && known.every((tools) => tools !== undefined) ? known.flat() : undefined;
}

/** The tools that a rule about tools alone can be about; undefined where these are not known, or it is about more. */
export function toolsOf(placed: Placed<Selector>, catalogue: Catalogue): CatalogueTool[] | undefined {
  const { tools, annotations = {} } = placed.rule;
  if (!isAboutTools(placed.rule)) return undefined;
  const isNamed = tools === undefined ? () => true : compileGlobs(tools);
  const wanted = Object.entries(annotations);
  return toolsInScope(placed, catalogue)?.filter(
    (tool) => isNamed(tool.name) && wanted.every(([name, value]) => tool.annotations?.[name] === value),
  );
}
