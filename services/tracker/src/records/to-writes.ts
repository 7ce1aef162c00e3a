import type { Batch, Published } from "@mcp-governance-bridge/shared";
import type { Write } from "../record-store.ts";
import { writesOfCompleted, writesOfDecided } from "./call.ts";
import { writesOfLoaded } from "./configuration.ts";
import { writesOfDeadLetter } from "./dead-letter.ts";
import { minuteMarks, timesOf } from "./minute-marks.ts";
import { writesOfPolicy } from "./policy.ts";
import { writesOfRead } from "./record-read.ts";
import { writesOfClosed, writesOfOpened } from "./session.ts";
import { writesOfCatalogue, writesOfUpstream } from "./upstream.ts";
import { wellFormed } from "./well-formed.ts";

/** Members of events that hold JSON text, of which the record keeps each character. */
const VERBATIM = ["inputs", "outputs", "document", "candidate", "definition"];

/**
 * What a batch of facts means for the record; several writes may be of one document. The documents are the same in
 * whatever order, and however often, the facts come.
 */
export function toWrites({ events, dead }: Pick<Batch, "events" | "dead">, now: Date): Write[] {
  const writes: Write[] = [];
  for (const published of events) writes.push(...writesOf(published, now));
  for (const letter of dead) writes.push(...writesOfDeadLetter(letter, now));
  writes.push(...minuteMarks(timesOf(events), now));
  return writes;
}

function writesOf(published: Published, now: Date): Write[] {
  const { subject, event } = wellFormed(published, VERBATIM);
  switch (subject) {
    case "governance.call.decided":
      return writesOfDecided(event, now);
    case "governance.call.completed":
      return writesOfCompleted(event, now);
    case "governance.record.read":
      return writesOfRead(event, now);
    case "governance.session.opened":
      return writesOfOpened(event, now);
    case "governance.session.closed":
      return writesOfClosed(event, now);
    case "governance.upstream.changed":
      return writesOfUpstream(event, now);
    case "governance.catalogue.changed":
      return writesOfCatalogue(event, now);
    case "governance.config.loaded":
      return writesOfLoaded(event, now);
    case "governance.policy.changed":
      return writesOfPolicy(event, now);
  }
}
