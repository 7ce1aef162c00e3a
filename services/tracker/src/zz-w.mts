import { silentLog } from "@mcp-governance-bridge/shared";
import { MongoClient } from "mongodb";
import { connectMongoRecordStore } from "./adapters/mongo-record-store.ts";
import { coalesce } from "./coalesce.ts";
import { toWrites } from "./records/to-writes.ts";
import { trafficOf } from "../../../e2e/src/million/traffic.ts";
const uri = process.env.MONGODB_URI!;
const N = 30000, B = Number(process.env.B ?? 500);
const now = new Date();
const batches: any[][] = []; let b: any[] = []; let n = 0;
for (const f of trafficOf({ seed: 5, calls: N, until: now })) { b.push(...f); if (++n % B === 0) { batches.push(coalesce(toWrites({ events: b, dead: [] }, now)).filter((w) => w.collection !== "usage_marks")); b = []; } }
const blocks = batches.map((w, i) => ({ collection: "audit_blocks" as const, id: `p.${i}`, set: {}, setOnInsert: { partition: "p", seq: i, timestamp: now, last_at: now, leaves: w.slice(0).map((x) => [x.collection, "decided", x.id, +now, "a".repeat(64)]) } }));
const client = new MongoClient(uri); await client.connect();
const variants: Record<string, Record<string, string[]>> = { all: {}, "no client.name": { tool_logs: ["client.name_1_timestamp_-1__id_-1"], governance_logs: ["client.name_1_timestamp_-1__id_-1"] }, "none but time": { tool_logs: ["*"], governance_logs: ["*"] } };
for (const [name, drops] of Object.entries(variants)) {
  const database = "c5_w"; await client.db(database).dropDatabase();
  const store = connectMongoRecordStore({ uri, database, log: silentLog });
  for (;;) { try { await store.ping(); break; } catch { await new Promise((r) => setTimeout(r, 50)); } }
  for (const [c, list] of Object.entries(drops)) for (const ix of await client.db(database).collection(c).indexes()) if (ix.name !== "_id_" && (list.includes(ix.name!) || (list[0] === "*" && ix.name !== "timestamp_-1__id_-1"))) await client.db(database).collection(c).dropIndex(ix.name!);
  const t = performance.now(), u = process.cpuUsage();
  const P = Number(process.env.P ?? 2); let i = 0;
  await Promise.all(Array.from({ length: P }, async () => { for (;;) { const k = i++; if (k >= batches.length) return; await store.apply([...batches[k]!, blocks[k]!]); } }));
  const s = (performance.now() - t) / 1000; const cpu = process.cpuUsage(u);
  console.log(name, "calls/s", (N / s).toFixed(0), "own cpu s", ((cpu.user + cpu.system) / 1e6).toFixed(1), "of", s.toFixed(1));
  await store.close();
}
await client.db("c5_w").dropDatabase(); await client.close();
