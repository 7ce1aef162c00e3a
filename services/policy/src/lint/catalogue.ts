/** A tool as its server offers it. */
export interface CatalogueTool {
  name: string;
  /** JSON Schemas, as they came; undefined where there is none. */
  inputSchema: unknown;
  outputSchema: unknown;
  annotations: Readonly<Record<string, unknown>> | undefined;
}

/** The tools of servers, by the server's name. Of a server that is missing nothing is known. */
export type Catalogue = ReadonlyMap<string, readonly CatalogueTool[]>;
