import { z } from "zod";
import { type Artifact, EXPORTABLE, FORMATS, STATUSES } from "../artifacts/artifact.ts";
import { paging } from "./page.ts";

const MAX_NAME_CHARS = 500;
const MAX_SERVERS = 500;

const name = z.string().min(1).max(MAX_NAME_CHARS);
const instant = z.iso
  .datetime({ offset: true })
  .transform((text) => new Date(Math.max(0, Date.parse(text))))
  .meta({ type: "string", format: "date-time" });
const range = {
  from: instant.describe("The beginning of the period"),
  to: instant.describe("Its end, exclusive"),
};

function checkRange({ from, to }: { from: Date; to: Date }, context: z.core.$RefinementCtx): void {
  if (from >= to) context.addIssue({ code: "custom", path: ["from"], message: "must be before to" });
}

/** Members that the collections can be filtered by. */
const FILTERED: Readonly<Record<"server_name" | "principal", readonly string[]>> = {
  server_name: ["tool_logs", "governance_logs"],
  principal: ["tool_logs", "governance_logs", "sessions"],
};

export const ExportBody = z
  .strictObject({
    ...range,
    format: z.enum(FORMATS).default("ndjson"),
    collections: z
      .array(z.enum(EXPORTABLE))
      .min(1)
      .refine((all) => new Set(all).size === all.length, "must not name one twice")
      .default(["tool_logs", "governance_logs"])
      .meta({ uniqueItems: true })
      .describe("What is exported, in this order"),
    server_name: name.optional().describe("Only what is about this server"),
    principal: name.optional().describe("Only what is about this principal"),
  })
  .superRefine((body, context) => {
    checkRange(body, context);
    for (const filter of ["server_name", "principal"] as const) {
      const odd = body.collections.filter((collection) => !FILTERED[filter].includes(collection));
      if (body[filter] === undefined || odd.length === 0) continue;
      context.addIssue({
        code: "custom",
        path: [filter],
        message: `is nothing that ${odd.join(" and ")} can be filtered by`,
      });
    }
  });

export const ReportBody = z
  .strictObject({
    ...range,
    servers: z.array(name).min(1).max(MAX_SERVERS).optional().describe("Only these servers; all where it is missing"),
  })
  .superRefine(checkRange);

export const ListQuery = z.strictObject({
  status: z.enum(STATUSES).optional().describe("Only those in this state"),
  ...paging,
});

export const One = z.object({ id: z.uuid().describe("What ordering it answered as `id`") });

const time = z.iso.datetime();

/** An export or a report as the API answers it. */
export const ArtifactAnswer = z.object({
  id: z.uuid(),
  kind: z.enum(["export", "report"]),
  format: z.enum([...FORMATS, "html"]),
  status: z.enum(STATUSES),
  requested_by: z.string(),
  timestamp: time.describe("When it was ordered"),
  from: time,
  to: time,
  collections: z.array(z.enum(EXPORTABLE)),
  filters: z.object({
    server_name: z.string().optional(),
    principal: z.string().optional(),
    servers: z.array(z.string()).optional(),
  }),
  progress: z.object({
    records: z.int().describe("Records that are in it so far"),
    fraction: z.number().describe("The share that is done, from 0 to 1"),
  }),
  files: z
    .array(
      z.object({
        name: z.string(),
        media_type: z.string(),
        size: z.int().describe("Bytes"),
        digest: z.string().describe("SHA-256, 64 hex digits"),
        href: z.string().describe("Where it is to be had"),
      }),
    )
    .describe("Empty until it is done"),
  error: z.string().nullable().describe("Why it has failed"),
  finished_at: time.nullable(),
});

/** JSON text of an export or a report. */
export function renderArtifact({ _id: id, range: { from, to }, files, ...artifact }: Artifact): string {
  const { kind, format, status, requested_by, timestamp, collections, filters, progress, error, finished_at } =
    artifact;
  const answer = {
    ...{ id, kind, format, status, requested_by, timestamp, from, to, collections, filters, progress },
    files: files.map(({ view, name: file, media_type, size, digest }) => {
      return { name: file, media_type, size, digest, href: `/governance/${kind}s/${id}/${view}` };
    }),
    ...{ error, finished_at },
  };
  return JSON.stringify(answer);
}
