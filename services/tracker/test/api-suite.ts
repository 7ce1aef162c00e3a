import { silentLog } from "@mcp-governance-bridge/shared";
import { Validator } from "@seriousme/openapi-schema-validator";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createGovernanceApi, type GovernanceApi } from "../src/api/governance-api.ts";
import type { Collection, RecordStore } from "../src/record-store.ts";
import { allRoutes } from "./all-routes.ts";
import { type Asking, aStranger, faultsOf, type Known, withFault } from "./api-conformance.ts";
import { finished } from "./artifacts.ts";
import { seed } from "./seeded-record.ts";
import { served } from "./served.ts";

const RUNS = 12;
const TIMEOUT_MS = 60_000;

/** Asks the API whatever its document allows, and some of what it does not. */
export function describeApi(name: string, open: () => Promise<RecordStore>, available: boolean): void {
  describe.runIf(available)(`the governance API over ${name}, by its OpenAPI document`, { timeout: TIMEOUT_MS }, () => {
    let store: RecordStore;
    let api: GovernanceApi;
    let known: Known;
    let stranger: Awaited<ReturnType<typeof aStranger>>;
    let stop: () => Promise<void>;
    beforeAll(async () => {
      store = await open();
      const seeded = await seed(store);
      const { routes, artifacts, ordered, close } = await allRoutes(store);
      await Promise.all(ordered.map((artifact) => finished(artifacts, artifact)));
      known = { ...seeded, ...(await idsIn(store)) };
      api = createGovernanceApi({ endpoints: routes, edits: "open", log: silentLog });
      const server = await served(api);
      stop = async () => {
        await server.close();
        await close();
      };
      stranger = await aStranger(server.url);
    });
    afterAll(async () => {
      await stop?.();
      await store?.close();
    });

    test("is a valid document", async () => {
      const { valid, errors } = await new Validator().validate(structuredClone({ ...stranger.document }));
      expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
    });

    test("has every route that there is, and no other", () => {
      const routes = api.app.routes.filter(({ method }) => method !== "ALL");
      const there = routes.map(({ method, path }) => `${method} ${path.replaceAll(/:(\w+)(\{[^}]+\})?/g, "{$1}")}`);
      expect(stranger.operations.map(({ method, path }) => `${method} ${path}`).toSorted()).toEqual(there.toSorted());
    });

    test("answers every operation when it is asked as simply as may be", async () => {
      // What is removed is removed last.
      for (const operation of stranger.operations.toSorted((a, b) => rank(a) - rank(b))) {
        const least = simplest(operation, known, stranger);
        const answers = await Promise.all(least.map((asked) => stranger.send(operation, asked)));
        for (const answer of answers) stranger.expectDocumented(operation, answer);
        const asked = `${operation.method} ${operation.path}`;
        const statuses = answers.map(({ status }) => status);
        expect({ asked, statuses }).toEqual({
          asked,
          statuses: expect.toSatisfy((all: number[]) => all.some(isSuccess)),
        });
      }
    });

    test("answers whatever the document allows as it says", async () => {
      for (const operation of stranger.operations) {
        const property = fc.asyncProperty(stranger.asking(operation, known), async (asked) =>
          stranger.expectDocumented(operation, await stranger.send(operation, asked)),
        );
        await fc.assert(property, { numRuns: RUNS });
      }
    });

    test("refuses what the document does not allow with 400 and a reason", async () => {
      for (const operation of stranger.operations) {
        const faults = fc.constantFrom(...faultsOf(operation));
        const property = fc.asyncProperty(stranger.asking(operation, known), faults, async (asked, fault) => {
          const [broken, raw] = withFault(asked, fault);
          const answer = await stranger.send(operation, broken, raw);
          expect({ ...answer, fault }).toMatchObject({ status: 400 });
          expect(JSON.parse(answer.text)).toMatchObject({ status: "error", error: expect.stringMatching(/./) });
          stranger.expectDocumented(operation, answer);
        });
        await fc.assert(property, { numRuns: RUNS });
      }
    });

    test("answers a request for the head alone without a body, and no other method", async () => {
      for (const operation of stranger.operations) {
        const [asked = { path: {}, query: {}, body: undefined }] = simplest(operation, known, stranger);
        const { path } = operation;
        const isKnown = (method: string) =>
          stranger.operations.some((other) => other.path === path && other.method === method);
        if (operation.method === "GET") {
          const [get, head] = [
            await stranger.send(operation, asked),
            await stranger.send({ method: "HEAD", path }, asked),
          ];
          expect({ path, status: head.status, text: head.text }).toEqual({ path, status: get.status, text: "" });
        }
        const other = ["PUT", "DELETE", "PATCH"].find((method) => !isKnown(method)) ?? "PATCH";
        const refused = await stranger.send({ method: other, path }, { ...asked, body: undefined });
        expect({ path, status: refused.status, body: JSON.parse(refused.text) }).toMatchObject({
          status: 405,
          body: { code: "http.method" },
        });
        const nowhere = await stranger.send({ method: operation.method, path: `${path}/no/such/path` }, asked);
        expect({ path, status: nowhere.status }).toEqual({ path, status: 404 });
      }
    });
  });
}

const rank = ({ method }: { method: string }): number => Number(method === "DELETE");
const isSuccess = (status: number): boolean => status >= 200 && status < 300;

/** Ids of what the record has, by the place in the path where they are asked for. */
async function idsIn(store: RecordStore): Promise<Known> {
  const ids = async (collection: Collection, match: object = {}): Promise<string[]> =>
    (await store.aggregate(collection, [{ $match: match }])).map(({ _id }) => String(_id));
  return {
    "tool-logs.id": await ids("tool_logs"),
    "decisions.id": await ids("governance_logs"),
    "sessions.id": await ids("sessions"),
    "exports.id": await ids("artifacts", { kind: "export" }),
    "reports.id": await ids("artifacts", { kind: "report" }),
    "alerts.id": await ids("alerts"),
  };
}

type Stranger = Awaited<ReturnType<typeof aStranger>>;

/** A few requests with nothing that may be left out but of the body, of which they have more or less. */
function simplest(operation: Stranger["operations"][number], known: Known, stranger: Stranger): Asking[] {
  const everything = fc.sample(stranger.asking(operation, known), { numRuns: 60, seed: 1 });
  const size = ({ body }: Asking): number => Object.keys((body as object | undefined) ?? {}).length;
  const required = operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  return everything
    .toSorted((a, b) => size(b) - size(a))
    .filter((_asked, index) => index % 5 === 0)
    .map((asked) => ({ ...asked, query: Object.fromEntries(required.map(({ name }) => [name, asked.query[name]])) }));
}
