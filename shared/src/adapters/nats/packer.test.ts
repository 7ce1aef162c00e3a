import fc from "fast-check";
import { expect, test } from "vitest";
import { anEvent, SUBJECT } from "../../../test/an-event.ts";
import { createPacker, unpack } from "./packer.ts";
import type { Message } from "./publisher.ts";

const aMessage = (event: ReturnType<typeof anEvent>): Message => ({
  subject: SUBJECT,
  id: event.id,
  payload: JSON.stringify(event),
});

function aServer() {
  const taken: Message[] = [];
  const send = async (message: Message) => void taken.push(message);
  return { taken, send };
}

test("an event alone goes under its own subject and id", async () => {
  const { taken, send } = aServer();
  const message = aMessage(anEvent());
  await createPacker(send)(message);
  expect(taken).toEqual([message]);
});

test("events of one turn of the event loop share a message, and come out as they went in", async () => {
  const reasons = fc.array(fc.string({ maxLength: 20_000, unit: "grapheme" }), { minLength: 2, maxLength: 150 });
  await fc.assert(
    fc.asyncProperty(reasons, async (all) => {
      const { taken, send } = aServer();
      const pack = createPacker(send);
      const events = all.map((reason) => anEvent({ reason }));
      await Promise.all(events.map((event) => pack(aMessage(event))));
      expect(taken.flatMap(({ subject, payload }) => unpack(subject, payload))).toEqual(
        events.map((event) => ({ subject: SUBJECT, event })),
      );
      const total = events.reduce((sum, event) => sum + JSON.stringify(event).length, 0);
      expect(taken.length).toBeLessThanOrEqual(Math.ceil(events.length / 64) + Math.ceil(total / 60_000));
    }),
    { numRuns: 50 },
  );
});

test("a pack sent again carries the same id", async () => {
  const { taken, send } = aServer();
  const pack = createPacker(send);
  const messages = [aMessage(anEvent()), aMessage(anEvent())];
  for (let time = 0; time < 2; time += 1) await Promise.all(messages.map(pack));
  expect(taken[1]?.id).toBe(taken[0]?.id);
});

test("packs of other events have another id, also where the first event and the number are the same", async () => {
  const { taken, send } = aServer();
  const pack = createPacker(send);
  const [first, second, third] = [aMessage(anEvent()), aMessage(anEvent()), aMessage(anEvent())];
  await Promise.all([first, second].map(pack));
  await Promise.all([first, third].map(pack));
  expect(taken[1]?.id).not.toBe(taken[0]?.id);
});

test("all learn that their pack was not taken", async () => {
  const pack = createPacker(async () => Promise.reject(new Error("no")));
  const results = await Promise.allSettled([pack(aMessage(anEvent())), pack(aMessage(anEvent()))]);
  expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
});

test("a line that is no event is a dead letter among good ones", () => {
  const event = anEvent();
  const payload = [`{"s":"${SUBJECT}","e":${JSON.stringify(event)}}`, "{"].join("\n");
  expect(unpack("governance.pack", payload)).toEqual([
    { subject: SUBJECT, event },
    { subject: "", payload: "{", reason: "not an event's line" },
  ]);
});
