import fc from "fast-check";
import { expect, test } from "vitest";
import { aRequest } from "../../test/builders.ts";
import { at } from "../../test/recorded-calls.ts";
import { createPendingEnds } from "./pending-ends.ts";

test("ends come in the order of time, each once, whatever order they are told in", () => {
  const step = fc.record({ addMs: fc.nat(50), untilMs: fc.nat(60) });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const ends = createPendingEnds();
      let model: number[] = [];
      for (const { addMs, untilMs } of steps) {
        ends.add({ request: aRequest(), held: { labels: [], leases: [] }, at: at(addMs), isAnswered: true });
        model.push(at(addMs).getTime());
        const came = ends.until(at(untilMs)).map((end) => end.at.getTime());
        const wanted = model.filter((ms) => ms <= at(untilMs).getTime()).sort((one, other) => one - other);
        expect(came).toEqual(wanted);
        model = model.filter((ms) => ms > at(untilMs).getTime());
      }
    }),
  );
});
