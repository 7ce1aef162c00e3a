export { type BucketOptions, createBucket, type UseBucket } from "./nats/bucket.ts";
export { connectNats, type NatsOptions, pingNats } from "./nats/connection.ts";
export { connectNatsEventBus, type NatsEventBusOptions } from "./nats/event-bus.ts";
export type { SpoolSettings } from "./nats/spool/spool.ts";
export { DUPLICATE_WINDOW_MS } from "./nats/stream.ts";
