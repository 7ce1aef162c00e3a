import { events, type Published } from "@mcp-governance-bridge/shared";
import { z } from "zod";

const SUBJECTS = Object.keys(events);

/** Filters of `GET /governance/live`. An event that does not tell a server or principal is not one of any. */
export const LiveQuery = z.strictObject({
  subject: z
    .string()
    .refine((prefix) => SUBJECTS.some((subject) => subject.startsWith(prefix)), "no subject of an event begins so")
    .optional()
    .describe("How the subject begins: `governance.call`"),
  server_name: z.string().optional(),
  principal: z.string().optional(),
});
export type LiveQuery = z.infer<typeof LiveQuery>;

/** Whether the event is one of those that were asked for. */
export function concerns({ subject, server_name, principal }: LiveQuery, published: Published): boolean {
  const event = published.event as { server?: unknown; principal?: unknown };
  return (
    (subject === undefined || published.subject.startsWith(subject)) &&
    (server_name === undefined || event.server === server_name) &&
    (principal === undefined || event.principal === principal)
  );
}

/** What may be large, or may hold what only the record is to show. */
const PAYLOADS = new Set(["inputs", "outputs", "document", "candidate", "changes", "definition", "governance"]);
const MAX_TEXT_CHARS = 1_000;

/** The event in the form of a server-sent one, without payloads; long texts are cut. */
export function toServerSent({ subject, event }: Published): string {
  const data = JSON.stringify(event, (name, value) => {
    if (PAYLOADS.has(name)) return undefined;
    return typeof value === "string" ? value.slice(0, MAX_TEXT_CHARS) : value;
  });
  return `event: ${subject}\nid: ${event.id.replaceAll(/[\r\n\0]/g, "")}\ndata: ${data}\n\n`;
}
