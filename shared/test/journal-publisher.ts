import { openJournalEventBus } from "../src/adapters/journal-event-bus.ts";
import { silentLog } from "../src/log.ts";
import { anEvent, SUBJECT } from "./an-event.ts";

/** Publishes for ever and prints the id of each event once it is acknowledged; made to be killed. */
const bus = await openJournalEventBus({ directory: process.argv[2] ?? "", log: silentLog, segmentBytes: 100_000 });

async function publishForEver(): Promise<void> {
  for (;;) {
    const event = anEvent({ reason: "x".repeat(Math.floor(Math.random() * 2_000)) });
    await bus.publish(SUBJECT, event);
    process.stdout.write(`${event.id}\n`);
  }
}

await Promise.all(Array.from({ length: 8 }, publishForEver));
