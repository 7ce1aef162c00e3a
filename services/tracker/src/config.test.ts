import { expect, test } from "vitest";
import { databaseOf, Env } from "./config.ts";

test("the names of the environment stay", () => {
  expect(Object.keys(Env.shape)).toEqual([
    "NATS_URL",
    "REDIS_URL",
    "JOBS_PREFIX",
    "AUDIT_KEY_FILE",
    "MONGODB_URI",
    "MONGODB_DATABASE",
    "GOVERNANCE_CONFIG",
    "API_HOST",
    "API_PORT",
    "ADMIN_TOKEN",
    "REPLICAS",
    "LOG_LEVEL",
  ]);
});

test("every variable is described", () => {
  for (const field of Object.values(Env.shape)) expect(field.description).toBeTruthy();
});

test.each([
  ["the default", {}, { uri: "mongodb://localhost:27017", database: "mcp_governance" }],
  [
    "the file's address",
    { configured: "mongodb://db/audit?w=1" },
    { uri: "mongodb://db/audit?w=1", database: "audit" },
  ],
  [
    "the environment's",
    { env: { MONGODB_URI: "mongodb://a,b:2/" }, configured: "mongodb://db/x" },
    { database: "mcp_governance" },
  ],
  ["the environment's name", { env: { MONGODB_DATABASE: "y" }, configured: "mongodb://db/x" }, { database: "y" }],
])("the database is %s", (_which, sources, expected) => {
  expect(databaseOf({ env: {}, configured: undefined, ...sources })).toMatchObject(expected);
});
