import type { ErrorCode } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import type { z } from "zod";

/** Who may ask: anybody; anybody, and that they did is recorded; whoever may make changes. */
export type Access = "open" | "trail" | "change";

/** JSON text of what is answered as `data`, with the cursor of the page after it where there is one; or a whole response. */
export type Answer = { json: string; next?: string | undefined } | { response: Response };

export interface Asked<Params, Query, Body> {
  params: Params;
  query: Query;
  body: Body;
  request: HonoRequest;
}

/** Something that can be asked of the governance API. What does not fit its schemas never reaches `answer`. */
export interface Endpoint<Params = unknown, Query = unknown, Body = unknown> {
  method: "GET" | "PUT" | "POST" | "DELETE";
  /** As Hono has it: `/governance/decisions/:id`. */
  path: string;
  /** One sentence for the documentation. */
  summary: string;
  access: Access;
  params?: z.ZodType<Params>;
  /** Without it no parameter is taken. */
  query?: z.ZodType<Query>;
  /** Without it no body is taken. A request without a body is looked at as one with an empty object. */
  body?: z.ZodType<Body>;
  /** What `data` looks like, for the documentation; for another response its media type. */
  data: z.ZodType | { media: string };
  /** Errors that it may answer with besides those that its parameters, its access and the stores bring about. */
  errors?: readonly ErrorCode[];
  answer(asked: Asked<Params, Query, Body>): Promise<Answer>;
}

/** The same, with the types of what is asked forgotten: a list of endpoints has them all. */
export function endpoint<Params, Query, Body>(definition: Endpoint<Params, Query, Body>): Endpoint {
  return definition as unknown as Endpoint;
}
