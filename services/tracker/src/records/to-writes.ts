import type { Batch, Published } from "@mcp-governance-bridge/shared";
import { coalesce } from "../coalesce.ts";
import type { Write } from "../record-store.ts";
import { writesOfCompleted, writesOfDecided } from "./call.ts";
import { writesOfLoaded } from "./configuration.ts";
import { writeOfDeadLetter } from "./dead-letter.ts";
import { writesOfPolicy } from "./policy.ts";
import { writesOfClosed, writesOfOpened } from "./session.ts";
import { writesOfCatalogue, writesOfUpstream } from "./upstream.ts";

/** What a batch of facts means for the record. The documents are the same in whatever order, and however often, the facts come. */
export function toWrites({ events, dead }: Batch, now: Date): Write[] {
  return coalesce([
    ...events.flatMap((published) => writesOf(published, now)),
    ...dead.map((letter) => writeOfDeadLetter(letter, now)),
  ]);
}

function writesOf({ subject, event }: Published, now: Date): Write[] {
  switch (subject) {
    case "governance.call.decided":
      return writesOfDecided(event, now);
    case "governance.call.completed":
      return writesOfCompleted(event, now);
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
