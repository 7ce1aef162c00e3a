import { toJsonText } from "../payload.ts";
import type { Document, RecordStore } from "../record-store.ts";

/** A tool as its server last offered it. */
export interface RecordedTool {
  name: string;
  /** JSON Schemas, as they came; undefined where there is none. */
  inputSchema: unknown;
  outputSchema: unknown;
  annotations: Record<string, unknown> | undefined;
}

/** The tools that servers offer, by the server's name. A server whose tools were never read is missing. */
export async function toolCatalogue(source: Pick<RecordStore, "aggregate">): Promise<Map<string, RecordedTool[]>> {
  const rosters = await source.aggregate("rosters", [{ $match: { collection: "server_tools" } }]);
  const catalogue = new Map(rosters.map(({ server_name }) => [String(server_name), [] as RecordedTool[]]));
  const tools = await source.aggregate("server_tools", [{ $match: { is_active: true } }]);
  for (const tool of tools) catalogue.get(String(tool.server_name))?.push(toolIn(tool));
  return catalogue;
}

function toolIn({ tool_name, definition }: Document): RecordedTool {
  const given: unknown = JSON.parse(toJsonText(definition));
  const { inputSchema, outputSchema, annotations } = isObject(given) ? given : {};
  return {
    name: String(tool_name),
    inputSchema,
    outputSchema,
    annotations: isObject(annotations) ? annotations : undefined,
  };
}

function isObject(value: unknown): value is Document {
  return typeof value === "object" && value !== null;
}
