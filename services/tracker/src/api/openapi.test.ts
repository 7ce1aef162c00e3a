import { aLmdbStore } from "../../test/adapters/record-stores.ts";
import { describeApi } from "../../test/api-suite.ts";

describeApi("LMDB", aLmdbStore, true);
