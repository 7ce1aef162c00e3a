import { ClientInfo, GovernanceError } from "@mcp-governance-bridge/shared";
import { z } from "zod";
import { laterThan } from "../later-than.ts";
import type { Document, RecordStore } from "../record-store.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { positionAfter, renderInOrder } from "./figures-pages-in-order.ts";
import type { FiguresSource } from "./figures-window.ts";
import { paging, readPage } from "./page.ts";
import { checkPeriod, during, period } from "./parameters.ts";
import { renderDocument } from "./render.ts";
import { given, ToolLog } from "./tool-logs.ts";

type Store = Pick<RecordStore, "aggregate">;

const time = z.iso.datetime();
/** A session may have any number of calls, and a page many sessions. */
const MOST_COUNTED = 500;
const SESSIONS_AT_ONCE = 25;
const MOST_TOGETHER = 2_500;

const session = {
  session_id: z.string(),
  status: z.enum(["open", "closed"]),
  principal: z.string().nullable().describe("null where its beginning was never told"),
  client: ClientInfo.nullable(),
  protocol_version: z.string().nullable(),
  listener: z.string().nullable(),
  opened_at: time.nullable(),
  closed_at: time.nullable(),
  close_reason: z.string().nullable(),
};

const SessionsQuery = z
  .strictObject({
    principal: z.string().optional(),
    client_name: z.string().optional().describe("What the client calls itself"),
    status: z.enum(["open", "closed"]).optional(),
    ...period,
    ...paging,
  })
  .superRefine(checkPeriod);

const Sessions = z.array(
  z.object({
    ...session,
    calls: z.int().nonnegative().describe(`Counted up to ${MOST_COUNTED}`),
    denied_calls: z.int().nonnegative().describe("Among the calls counted"),
    more_calls: z.boolean().describe("Whether there may be more than were counted: the newest are"),
    last_call_at: time.nullable(),
  }),
);

const Timeline = z.object({
  session: z.object(session).nullable().describe("null where calls name it, but nothing else is on record"),
  calls: z.array(ToolLog).describe("A page of them, oldest first"),
});

export function sessionsRoutes({ store, now }: FiguresSource): Endpoint[] {
  const list = endpoint({
    method: "GET",
    path: "/governance/sessions",
    summary: "Sessions of clients, newest first, and how many calls each has made",
    access: "trail",
    query: SessionsQuery,
    data: Sessions,
    async answer({ query: { limit, cursor, ...filters } }) {
      const { hours, from, to, client_name, ...exact } = filters;
      const match = { ...given({ ...exact, "client.name": client_name }), ...during({ hours, from, to }, now()) };
      const page = await readPage(store, { collection: "sessions", match, limit, cursor, filters });
      const activity = await activityOf(
        store,
        page.documents.map(({ session_id }) => String(session_id)),
      );
      const found = page.documents.map((document) => ({
        ...membersOf(document),
        ...(activity.get(String(document.session_id)) ?? NO_CALLS),
      }));
      return { json: JSON.stringify(found), next: page.next };
    },
  });
  return [list, timeline(store)];
}

function timeline(store: Store): Endpoint {
  return endpoint({
    method: "GET",
    path: "/governance/sessions/:id",
    summary: "One session, and its calls in their order",
    access: "trail",
    params: z.object({ id: z.string() }),
    query: z.strictObject(paging),
    data: Timeline,
    errors: ["record.unknown"],
    async answer({ params: { id }, query: { limit, cursor } }) {
      const [found] = await store.aggregate("sessions", [{ $match: { _id: id } }, { $limit: 1 }]);
      const page = await renderInOrder({
        limit,
        after: positionAfter(cursor, { id }),
        read: (after, size) =>
          store.aggregate("tool_logs", [
            { $match: { session_id: id, ...(after && laterThan({ timestamp: after.time, _id: after.id })) } },
            { $sort: { timestamp: 1, _id: 1 } },
            { $limit: size },
          ]),
        render: renderDocument,
      });
      if (!found && page.json === "[]") throw new GovernanceError("record.unknown", "no such session");
      const head = found ? JSON.stringify(membersOf(found)) : null;
      return { json: `{"session":${head},"calls":${page.json}}`, next: page.next };
    },
  });
}

interface Activity {
  calls: number;
  denied_calls: number;
  more_calls: boolean;
  last_call_at: unknown;
}

const NO_CALLS: Activity = { calls: 0, denied_calls: 0, more_calls: false, last_call_at: null };

/** Together where they have few calls, as most have; one by one where they have many. */
async function activityOf(store: Store, sessions: readonly string[]): Promise<Map<string, Activity>> {
  const found = new Map<string, Activity>();
  for (let begin = 0; begin < sessions.length; begin += SESSIONS_AT_ONCE) {
    const some = sessions.slice(begin, begin + SESSIONS_AT_ONCE);
    const calls = await newestCalls(store, { $in: some }, MOST_TOGETHER);
    const areAll = calls.length < MOST_TOGETHER;
    for (const id of some) {
      const own = areAll
        ? calls.filter(({ session_id }) => session_id === id)
        : await newestCalls(store, id, MOST_COUNTED);
      found.set(id, activityIn(own));
    }
  }
  return found;
}

function newestCalls(store: Store, session_id: unknown, limit: number): Promise<Document[]> {
  return store.aggregate("tool_logs", [
    { $match: { session_id } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: limit },
    { $project: { _id: 0, session_id: 1, timestamp: 1, status: 1 } },
  ]);
}

function activityIn(calls: readonly Document[]): Activity {
  const counted = calls.slice(0, MOST_COUNTED);
  return {
    calls: counted.length,
    denied_calls: counted.filter(({ status }) => status === "denied").length,
    more_calls: calls.length >= MOST_COUNTED,
    last_call_at: calls[0]?.timestamp ?? null,
  };
}

function membersOf(document: Document): Document {
  const { session_id, status, principal, client, protocol_version, listener } = document;
  const { opened_at, closed_at, close_reason } = document;
  return {
    session_id,
    status,
    principal: principal ?? null,
    client: client ?? null,
    protocol_version: protocol_version ?? null,
    listener: listener ?? null,
    opened_at: opened_at ?? null,
    closed_at: closed_at ?? null,
    close_reason: close_reason ?? null,
  };
}
