import { silentLog } from "@mcp-governance-bridge/shared";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { endpoint } from "./endpoint.ts";
import { createGovernanceApi } from "./governance-api.ts";
import { numeric } from "./parameters.ts";

const { app } = createGovernanceApi({
  edits: "open",
  log: silentLog,
  endpoints: [
    endpoint({
      method: "POST",
      path: "/governance/things/:id",
      summary: "Makes a thing",
      access: "change",
      params: z.object({ id: z.uuid() }),
      query: z.strictObject({ size: numeric.optional() }),
      body: z.strictObject({ name: z.string() }),
      data: z.unknown(),
      answer: async ({ params, query, body }) => ({ json: JSON.stringify([params, query, body]) }),
    }),
    endpoint({
      method: "POST",
      path: "/governance/things/all",
      summary: "Takes nothing",
      access: "open",
      data: z.string(),
      answer: async () => ({ json: '"all"', next: "more" }),
    }),
  ],
});

const ID = "f1a3c3f0-6d0e-4c43-9b8a-9e0d3d2b7c11";

async function post(path: string, body?: object) {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: JSON.stringify(body), headers };
  const response = await app.request(`/governance/things/${path}`, { method: "POST", ...sent });
  return { status: response.status, body: JSON.parse(await response.text()) };
}

describe("what is asked", () => {
  test("is handed on as its schemas have it", async () => {
    const data = [{ id: ID }, { size: 2.5 }, { name: "a" }];
    expect(await post(`${ID}?size=2.5`, { name: "a" })).toEqual({ status: 200, body: { status: "success", data } });
  });

  test("is refused with every problem of path, query and body at once", async () => {
    const { status, body } = await post("17?size=big&colour=red", { name: 5 });
    expect([status, body.code]).toEqual([400, "request.invalid"]);
    for (const name of ["id", "size", "colour", "name"]) expect(body.error).toContain(name);
  });

  test("without a body is looked at as an empty one", async () => {
    expect((await post(ID)).body.error).toContain("name");
  });

  test("has no body, parameter or query where none is taken", async () => {
    expect(await post("all")).toEqual({ status: 200, body: { status: "success", data: "all", next: "more" } });
    expect(await post("all", {})).toMatchObject({ status: 200 });
    expect((await post("all", { name: "a" })).body.error).toContain("name");
    expect((await post("all?x=1")).body.error).toContain("x");
  });
});
