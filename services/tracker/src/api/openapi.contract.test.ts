import { recordStores } from "../../test/adapters/record-stores.ts";
import { describeApi } from "../../test/api-suite.ts";

const uri = process.env.MONGODB_URI;
if (process.env.REQUIRE_ALL_ADAPTERS === "1" && !uri) throw new Error("MONGODB_URI is required");

for (const [name, open, available] of recordStores(uri)) if (name === "MongoDB") describeApi(name, open, available);
