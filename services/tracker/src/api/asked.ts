import { GovernanceError } from "@mcp-governance-bridge/shared";
import type { HonoRequest } from "hono";
import { z } from "zod";
import { readBody } from "./body.ts";
import type { Asked, Endpoint } from "./endpoint.ts";
import { problemsOf, queryOf } from "./parameters.ts";

const Anything = z.unknown();
const Nothing = z.strictObject({});

/** What a request asks, as the endpoint's schemas have it. Throws `request.invalid` with every problem in path, query and body. */
export async function askedOf(endpoint: Endpoint, request: HonoRequest): Promise<Asked<unknown, unknown, unknown>> {
  const { method, params = Anything, query = Nothing, body = Nothing } = endpoint;
  const given = method === "GET" ? {} : ((await readBody(request.raw)) ?? {});
  const results = [
    params.safeParse(request.param()),
    query.safeParse(queryOf(new URL(request.url).searchParams)),
    body.safeParse(given),
  ];
  const problems = results.flatMap(({ error }) => (error ? problemsOf(error) : []));
  if (problems.length > 0) throw new GovernanceError("request.invalid", problems.join("; "));
  const [fromPath, fromQuery, fromBody] = results.map(({ data }) => data);
  return { params: fromPath, query: fromQuery, body: fromBody, request };
}
