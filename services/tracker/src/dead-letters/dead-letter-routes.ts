import { z } from "zod";
import { type Endpoint, endpoint } from "../api/endpoint.ts";
import { paging } from "../api/page.ts";
import { listEndpoint } from "../api/record-routes.ts";
import type { RecordStore } from "../record-store.ts";
import type { DeadLetters } from "./dead-letters.ts";

interface DeadLetterEndpointsOptions {
  store: Pick<RecordStore, "aggregate">;
  letters: DeadLetters;
}

const MAX_IDS = 1_000;

const Query = z.strictObject({
  status: z.enum(["dead", "redriven"]).optional().describe("Without it letters of either"),
  subject: z.string().optional().describe("The subject of the bus that it came under"),
  ...paging,
});

const Letter = z.object({
  letter_id: z.string(),
  subject: z.string(),
  reason: z.string().describe("Why it could not be processed"),
  payload_size: z.int().describe("Characters of the message"),
  payload_truncated: z.boolean().describe("Whether only its beginning is kept, so that it cannot be published again"),
  status: z.enum(["dead", "redriven"]),
  timestamp: z.iso.datetime().describe("When it came, the last time that it did"),
  redriven_at: z.iso.datetime().nullable().describe("When it was published again"),
  document_type: z.literal("dead_letter"),
  stored_at: z.iso.datetime(),
});

const Body = z
  .strictObject({
    ids: z.array(z.string()).min(1).max(MAX_IDS).optional().describe("These letters"),
    all: z.literal(true).optional().describe("All that are dead"),
  })
  .refine(({ ids, all }) => (ids === undefined) !== (all === undefined), "give one of ids and all");

const Answer = z.object({
  redriven: z.int().describe("How many letters were published again"),
  dead: z.int().describe("How many were not"),
  still_dead: z
    .array(z.object({ id: z.string(), reason: z.string() }))
    .describe("Why they were not; the first thousand of them"),
});

/** What could not be processed, and how it is tried again. */
export function deadLetterEndpoints({ store, letters }: DeadLetterEndpointsOptions): Endpoint[] {
  return [
    listEndpoint(store, {
      path: "/governance/dead-letters",
      summary: "Messages that could not be processed, without their contents, newest first",
      collection: "dead_letters",
      query: Query,
      match: ({ status, subject }) => ({ ...(status && { status }), ...(subject !== undefined && { subject }) }),
      stages: [{ $project: { payload: 0 } }],
      data: Letter,
    }),
    endpoint({
      method: "POST",
      path: "/governance/dead-letters/redrive",
      summary: "Publishes messages again that can be processed by now",
      access: "change",
      body: Body,
      data: Answer,
      errors: ["audit.unavailable"],
      answer: async ({ body: { ids, all } }) => {
        const redriven = await letters.redrive(ids && !all ? { ids } : { all: true });
        return { json: JSON.stringify(redriven) };
      },
    }),
  ];
}
