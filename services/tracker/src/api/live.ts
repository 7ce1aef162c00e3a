import { type Closable, type EventBus, GovernanceError, type Published } from "@mcp-governance-bridge/shared";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { concerns, LiveQuery, toServerSent } from "./live-event.ts";
import { createLiveStream, type LiveStream } from "./live-stream.ts";

interface LiveOptions {
  bus: Pick<EventBus, "follow">;
  /** Milliseconds between signs of life. */
  heartbeatMs?: number;
  /** Streams that may be open at once. */
  maxStreams?: number;
}

const HEARTBEAT_MS = 15_000;
const MAX_STREAMS = 100;
const HEADERS = { "content-type": "text/event-stream", "cache-control": "no-store", "x-accel-buffering": "no" };

const bytesOf = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);

/** Shows events as they happen, by `GET /governance/live`. The bus is followed while somebody looks. `close` ends all streams. */
export function createLive(options: LiveOptions): Closable & { routes: Endpoint[] } {
  const { bus, heartbeatMs = HEARTBEAT_MS, maxStreams = MAX_STREAMS } = options;
  const streams = new Map<LiveStream, LiveQuery>();
  let following: { stop(): Promise<void> } | undefined;

  const hear = (published: Published): void => {
    let chunk: Uint8Array | undefined;
    for (const [stream, query] of streams) {
      if (!concerns(query, published)) continue;
      chunk ??= bytesOf(toServerSent(published));
      stream.send(chunk);
    }
  };
  const leave = (stream: LiveStream): void => {
    streams.delete(stream);
    if (streams.size > 0) return;
    void following?.stop();
    following = undefined;
  };
  const beat = (): void => {
    for (const stream of streams.keys()) stream.send(bytesOf(":\n\n"));
  };
  const follow = (): { stop(): Promise<void> } => {
    const followed = bus.follow(hear);
    const timer = setInterval(beat, heartbeatMs).unref();
    return {
      stop() {
        clearInterval(timer);
        return followed.close();
      },
    };
  };
  const open = (query: LiveQuery): Response => {
    if (streams.size >= maxStreams) {
      throw new GovernanceError("stream.full", `${maxStreams} live streams are open already`);
    }
    following ??= follow();
    const stream = createLiveStream(bytesOf(": live\n\n"), leave);
    streams.set(stream, query);
    return new Response(stream.body, { headers: HEADERS });
  };

  return {
    routes: [
      endpoint({
        method: "GET",
        path: "/governance/live",
        summary: "Events as they happen, without inputs, outputs and documents, as server-sent events",
        access: "trail",
        query: LiveQuery,
        data: { media: "text/event-stream" },
        errors: ["stream.full"],
        answer: async ({ query }) => ({ response: open(query) }),
      }),
    ],
    async close() {
      for (const stream of streams.keys()) stream.close();
    },
  };
}
