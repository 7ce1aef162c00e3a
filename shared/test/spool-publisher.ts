import { setTimeout as delay } from "node:timers/promises";
import { connectNats, connectNatsEventBus } from "../src/adapters/nats.ts";
import { silentLog } from "../src/log.ts";
import { anEvent, SUBJECT } from "./an-event.ts";

/** Publishes for ever through NATS or its spool and prints the id of each event once it is kept; made to be killed. */
const [url = "", directory = ""] = process.argv.slice(2);
const connection = await connectNats(url, { name: "spool-publisher", log: silentLog });
const spool = { directory, maxBytes: 50_000_000, leaseMs: 2_000 };
const bus = await connectNatsEventBus({ connection, log: silentLog, spool });

for (;;) {
  const event = anEvent();
  await bus.publish(SUBJECT, event);
  process.stdout.write(`${event.id}\n`);
  // Without a pause it would fill the spool within seconds.
  await delay(1);
}
