import fc from "fast-check";
import { expect } from "vitest";
import type { Document, Operation } from "./api-document.ts";
import { readDocument } from "./api-document.ts";
import { type Resolve, type Schema, valuesOf } from "./json-schema-arbitrary.ts";

export interface Asking {
  path: Record<string, unknown>;
  query: Record<string, unknown>;
  body: unknown;
}

/** How a request differs from what the document allows. */
export type Fault = { kind: "unknown" | "repeated" | "type"; name: string } | { kind: "body" };

/** The API at an address, as a stranger sees it who has its document and nothing else. */
export async function aStranger(url: string) {
  const document = (await (await fetch(`${url}/governance/openapi.json`)).json()) as Document;
  const { operations, resolve, problemsOf } = readDocument(document);

  const send = async (
    { method, path }: Pick<Operation, "method" | "path">,
    { path: names, query, body }: Asking,
    raw = "",
  ) => {
    const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name) => encodeURIComponent(String(names[name])));
    const search =
      new URLSearchParams(
        Object.entries(query).map(([name, value]): [string, string] => [name, String(value)]),
      ).toString() + raw;
    const sent =
      body === undefined ? {} : { body: JSON.stringify(body), headers: { "content-type": "application/json" } };
    const response = await fetch(`${url}${filled}${search === "" ? "" : `?${search}`}`, { method, ...sent });
    const type = response.headers.get("content-type")?.split(";")[0] ?? "";
    if (type === "text/event-stream") await response.body?.cancel();
    const text = type === "text/event-stream" ? "" : await response.text();
    return { status: response.status, type, text, asked: `${method} ${filled}?${search} ${JSON.stringify(body)}` };
  };
  type Answer = Awaited<ReturnType<typeof send>>;

  /** Fails unless the document has such an answer. */
  const expectDocumented = ({ responses }: Operation, { status, type, text, asked }: Answer): void => {
    expect({ asked, status }).toEqual({ asked, status: expect.toSatisfy((code: number) => code < 500) });
    const documented = responses[status]?.content[type] ?? responses[status]?.content["*/*"];
    expect({ asked, status, type, documented: documented !== undefined }).toMatchObject({ documented: true });
    if (documented?.schema)
      expect({ asked, problems: problemsOf(documented.schema, JSON.parse(text)) }).toEqual({ asked, problems: [] });
  };

  return {
    document,
    operations,
    send,
    expectDocumented,
    asking: (operation: Operation, known: Known) => asking(operation, known, resolve),
  };
}

/** Values that the server has, by the name of the parameter, or by what comes after `/governance/` and that name. */
export type Known = Readonly<Record<string, readonly unknown[]>>;

/** Requests that the document allows. */
function asking(operation: Operation, known: Known, resolve: Resolve): fc.Arbitrary<Asking> {
  const place = (where: "path" | "query") => {
    const parameters = operation.parameters.filter((parameter) => parameter.in === where);
    const values = parameters.map(({ name, schema }) => {
      const any = valuesOf(schema, resolve);
      // An empty step is no path of this operation.
      const fit = where === "path" ? any.filter((value) => !["", ".", ".."].includes(String(value))) : any;
      const there = (known[`${operation.path.split("/")[2]}.${name}`] ?? known[name] ?? []).filter(
        (value) => (schema.type === "integer") === (typeof value === "number"),
      );
      return [name, there.length > 0 ? fc.oneof({ weight: 3, arbitrary: fc.constantFrom(...there) }, fit) : fit];
    });
    const requiredKeys = parameters.filter(({ required }) => required).map(({ name }) => name);
    return fc.record<Record<string, unknown>, string>(Object.fromEntries(values), { requiredKeys });
  };
  const body = operation.body ? bodies(operation.body, known, resolve) : fc.constant(undefined);
  return fc.record({ path: place("path"), query: place("query"), body }) as fc.Arbitrary<Asking>;
}

/** Half of them have what the server knows wherever it knows something. */
function bodies(schema: Schema, known: Known, resolve: Resolve): fc.Arbitrary<unknown> {
  const any = valuesOf(schema, resolve);
  const names = Object.keys(schema.properties ?? {}).filter((name) => known[name]);
  const there = fc.record(Object.fromEntries(names.map((name) => [name, fc.constantFrom(...(known[name] ?? []))])));
  const both = fc.tuple(any, there).map(([body, values]) => ({ ...(body as object), ...values }));
  return fc.oneof(any, both);
}

/** What may be done wrong in asking it. */
export function faultsOf({ parameters, body }: Operation): Fault[] {
  const query = parameters.filter((parameter) => parameter.in === "query");
  const typed = query.filter(({ schema }) => schema.type !== "string" || schema.enum || schema.format);
  return [
    { kind: "unknown", name: "no_such_parameter" },
    ...query.map(({ name }): Fault => ({ kind: "repeated", name })),
    ...typed.map(({ name }): Fault => ({ kind: "type", name })),
    ...(body ? [{ kind: "body" } as const] : []),
  ];
}

/** The request with the fault in it, and what is to be added to its query. */
export function withFault(asked: Asking, fault: Fault): [Asking, raw: string] {
  if (fault.kind === "body") return [{ ...asked, body: { no_such_member: 1 } }, ""];
  const { [fault.name]: _, ...query } = asked.query;
  const others = { ...asked, query };
  if (fault.kind === "unknown") return [others, `&${fault.name}=1`];
  if (fault.kind === "repeated") return [others, `&${fault.name}=1&${fault.name}=1`];
  return [others, `&${fault.name}=%00no`];
}
