import { z } from "zod";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { failuresOf, successOf } from "./openapi-responses.ts";
import { type Definitions, type Member, membersOf, schemaOf } from "./openapi-schemas.ts";

type Part = Record<string, unknown>;

/** The endpoints, and those that tell of them. */
export function withDocuments(endpoints: readonly Endpoint[]): readonly Endpoint[] {
  const all: readonly Endpoint[] = [index(() => all), document(() => all), ...endpoints];
  return all;
}

const Route = z.object({ method: z.string(), path: z.string(), summary: z.string() });

function index(all: () => readonly Endpoint[]): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance",
    summary: "What can be asked here",
    access: "open",
    data: z.object({ openapi: z.string().describe("Where the whole description is"), routes: z.array(Route) }),
    answer: async () => {
      const routes = all().map(({ method, path, summary }) => ({ method, path: templateOf(path), summary }));
      return { json: JSON.stringify({ openapi: "/governance/openapi.json", routes }) };
    },
  });
}

function document(all: () => readonly Endpoint[]): Endpoint {
  let text: string | undefined;
  return endpoint({
    method: "GET",
    path: "/governance/openapi.json",
    summary: "This API as an OpenAPI 3.1 document",
    access: "open",
    data: { media: "application/json" },
    answer: async () => {
      text ??= JSON.stringify(openApiDocument(all()));
      return { response: new Response(text, { headers: { "content-type": "application/json" } }) };
    },
  });
}

/** The endpoints as an OpenAPI 3.1 document. */
export function openApiDocument(endpoints: readonly Endpoint[]): Part {
  const components: Components = { schemas: {}, responses: {} };
  const paths: Record<string, Part> = {};
  for (const each of endpoints) {
    const path = templateOf(each.path);
    paths[path] = { ...paths[path], [each.method.toLowerCase()]: operationOf(each, components) };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "MCP Governance Bridge: governance API",
      version: "1",
      description: "The record, its figures and the policy, below the address of any gateway or tracker.",
      license: { name: "Apache-2.0", identifier: "Apache-2.0" },
    },
    servers: [{ url: "/" }],
    paths,
    components: {
      ...components,
      securitySchemes: { admin: { type: "http", scheme: "bearer", description: "ADMIN_TOKEN of the tracker" } },
    },
  };
}

const ACCESS: Readonly<Record<Endpoint["access"], Part>> = {
  open: {},
  trail: { description: "That it was asked is recorded." },
  // On loopback a token may not be needed.
  change: { security: [{ admin: [] }, {}] },
};

interface Components {
  schemas: Definitions;
  responses: Record<string, object>;
}

function operationOf(each: Endpoint, { schemas, responses }: Components): Part {
  const body = each.body && schemaOf(each.body, schemas);
  const required = (body?.required?.length ?? 0) > 0;
  const parameters = parametersOf(each, schemas);
  return {
    operationId: operationIdOf(each),
    tags: [each.path.split("/")[2] ?? "governance"],
    summary: each.summary,
    ...ACCESS[each.access],
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: { required, content: { "application/json": { schema: body } } } }),
    responses: { 200: successOf(each, schemas), ...failuresOf(each, responses) },
  };
}

const PARAMETER = /:(\w+)(?:\{([^}]+)\})?/g;

function templateOf(path: string): string {
  return path.replace(PARAMETER, "{$1}");
}

function parametersOf({ path, params, query }: Endpoint, definitions: Definitions): Part[] {
  const described = params ? membersOf(params, definitions) : {};
  const inPath = [...path.matchAll(PARAMETER)].map(([, name = "", pattern]) => {
    const { schema } = described[name] ?? { schema: { type: "string" } };
    return parameter("path", name, {
      schema: { ...schema, ...(pattern && { pattern: `^${pattern}$` }) },
      required: true,
    });
  });
  const inQuery = Object.entries(query ? membersOf(query, definitions) : {});
  return [...inPath, ...inQuery.map(([name, member]) => parameter("query", name, member))];
}

function parameter(place: string, name: string, { schema, required }: Member): Part {
  const { description, ...rest } = schema;
  return { name, in: place, required, ...(description !== undefined && { description }), schema: rest };
}

/** `GET /governance/decisions/:id` is `getDecisionsId`. */
function operationIdOf({ method, path }: Endpoint): string {
  const words = templateOf(path)
    .split(/[^a-zA-Z0-9]+/)
    .filter((word) => word !== "");
  const names = words.length > 1 ? words.slice(1) : words;
  return method.toLowerCase() + names.map((word) => word[0]?.toUpperCase() + word.slice(1)).join("");
}
