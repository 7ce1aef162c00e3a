import { describe, expect, test } from "vitest";
import { aBatch, aCompleted, aDecided, aDenied, aPolicyChanged, START } from "../../test/builders.ts";
import { aRecordRead, aSessionClosed, aSessionOpened } from "../../test/visits.ts";
import { documentOf, now } from "../../test/writes.ts";
import type { Write } from "../record-store.ts";
import { type DocumentFacts, FACTS } from "./facts.ts";
import { toWrites } from "./to-writes.ts";
import { LOST_END, OPEN_END } from "./untold.ts";

const facts: Readonly<Record<string, DocumentFacts>> = FACTS;

const partOf = ({ collection, fact }: Write) => facts[collection]?.parts[fact?.part ?? ""];

const events = {
  "a permit": aDecided(),
  "a permit that is an outline": aDecided({ recording: "outline", counted: false }),
  "a permit with nothing told": aDecided({ inputs: null, protocolVersion: null, client: null }),
  "a denial": aDenied(),
  "a denial that is an outline": aDenied({ recording: "outline" }),
  "an end": aCompleted(aDecided()),
  "a failure": aCompleted(aDecided(), { status: "error", errorMessage: "no", outputs: null }),
  "a revision": aPolicyChanged(START, { number: 1, servers: {} }),
  "a session's beginning": aSessionOpened(),
  "a session's end": aSessionClosed("a"),
  "a read": aRecordRead(),
};
const letter = { subject: "s", payload: "p", reason: "r" };

/** A letter's state is no fact: it may die again. */
const isAttested = ({ collection, set }: Write) => collection in facts && set.status !== "dead";

type Writing = (at: Date) => Write[];

const written: [string, Writing][] = [
  ...Object.entries(events).map(([what, event]): [string, Writing] => [what, (at) => toWrites(aBatch(event), at)]),
  ["a dead letter", (at) => toWrites({ events: [], dead: [letter] }, at)],
];

describe.each(written)("of %s", (_what, writesAt) => {
  const trailAt = (at: Date) => writesAt(at).filter(isAttested);
  const ofTrail = trailAt(now);

  test("each write to the audit trail is a fact, which tells what the table says", () => {
    expect(ofTrail.length).toBeGreaterThan(0);
    for (const write of ofTrail) {
      const members = partOf(write)?.members(documentOf(write)) ?? [];
      expect(Object.keys(write.set).sort()).toEqual([...members].sort());
    }
  });

  test("a new document has besides only what stands for facts that have not come", () => {
    for (const write of ofTrail) {
      const { parts, unattested } = facts[write.collection] as DocumentFacts;
      const document = documentOf(write);
      const attested = Object.entries(write.setOnInsert ?? {}).filter(([name]) => !unattested.includes(name));
      const untold = Object.values(parts).map((part) => part.untold?.(document) ?? {});
      expect(Object.fromEntries(attested)).toEqual(attested.length === 0 ? {} : expect.toBeOneOf(untold));
    }
  });

  test("the fact is the same whenever it is written", () => {
    const told = ({ collection, id, set, fact }: Write) => [collection, id, set, fact?.part];
    expect(trailAt(new Date(0)).map(told)).toEqual(ofTrail.map(told));
  });
});

test("an end that comes late tells all that was told of a lost one", () => {
  expect(Object.keys(OPEN_END)).toEqual(expect.arrayContaining(Object.keys(LOST_END)));
});
