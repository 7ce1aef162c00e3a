export { ServerGovernance } from "./schema.ts";
export type { Configuration, Server, UpstreamTransport } from "./types.ts";
