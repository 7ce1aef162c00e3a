import { z } from "zod";
import type { RecordStore } from "../record-store.ts";
import type { Endpoint } from "./endpoint.ts";
import { paging } from "./page.ts";
import { checkPeriod, during, period } from "./parameters.ts";
import { listEndpoint } from "./record-routes.ts";
import { given } from "./tool-logs.ts";

const HistoryQuery = z
  .strictObject({
    origin: z.enum(["file", "edit", "reset", "rollback", "candidate"]).optional().describe("What brought it about"),
    who: z.string().optional(),
    ...period,
    ...paging,
  })
  .superRefine(checkPeriod);

const ConfigurationChange = z.object({
  number: z.int(),
  revision: z.string().describe("As decisions name it"),
  origin: z.string().describe("`file`: the configuration file was loaded and said something else"),
  who: z.string(),
  why: z.string(),
  changes: z.unknown().describe("What differs from the revision before, as a list of path, before and after"),
  timestamp: z.iso.datetime(),
  document_type: z.literal("policy_revision"),
  stored_at: z.iso.datetime(),
});

const ReadsQuery = z
  .strictObject({
    reader: z.string().optional(),
    route: z.string().optional().describe("Method and path pattern: `GET /governance/tool-logs`"),
    ...period,
    ...paging,
  })
  .superRefine(checkPeriod);

const RecordRead = z.object({
  read_id: z.string(),
  reader: z.string().describe("Who they proved to be"),
  address: z.string().nullable().describe("The way they came, the nearest last; null where that is not known"),
  route: z.string(),
  path: z.string(),
  query: z.record(z.string(), z.unknown()).describe("What they asked for"),
  timestamp: z.iso.datetime(),
  document_type: z.literal("record_read"),
  stored_at: z.iso.datetime(),
});

/** Who changed what the gateway goes by, and who read the record. */
export function historyRoutes(store: Pick<RecordStore, "aggregate">): Endpoint[] {
  return [
    listEndpoint(store, {
      path: "/governance/configuration/history",
      summary: "What took effect of the configuration file and of edits, who brought it about and why, newest first",
      collection: "policy_revisions",
      access: "open",
      query: HistoryQuery,
      match: ({ hours, from, to, limit: _, cursor: __, ...exact }, now) => ({
        ...given(exact),
        ...during({ hours, from, to }, now),
      }),
      stages: [{ $project: { document: 0, candidate: 0 } }],
      data: ConfigurationChange,
    }),
    listEndpoint(store, {
      path: "/governance/record-reads",
      summary: "Who read the record, newest first",
      collection: "record_reads",
      query: ReadsQuery,
      match: ({ hours, from, to, limit: _, cursor: __, ...exact }, now) => ({
        ...given(exact),
        ...during({ hours, from, to }, now),
      }),
      data: RecordRead,
    }),
  ];
}
