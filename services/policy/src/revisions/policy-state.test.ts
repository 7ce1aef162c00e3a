import { expect, test } from "vitest";
import { fileDocument } from "../../test/revisions.ts";
import { edited, endedEdits, fromFile, isSameState, reset, rolledBack, tried } from "./policy-state.ts";
import { schemaOf, settingsOf } from "./scopes.ts";

const WEATHER = "servers/weather";
const limited = (rate_limit: number) => schemaOf(WEATHER).parse({ rate_limit });
const file = (rate_limit: number, more: object = {}) => fileDocument({ servers: { weather: { rate_limit }, ...more } });
const rateOf = (document: ReturnType<typeof fileDocument>) => document.servers.weather?.rate_limit;

test("an edit holds while the file says the same for its scope, whatever else the file says", () => {
  const base = edited(fromFile(file(1), undefined), WEATHER, limited(2));
  const same = fromFile(file(1, { clock: {} }), base);
  expect(rateOf(same.document)).toBe(2);
  expect(same.scopes[WEATHER]?.origin).toBe("edit");
  expect(Object.keys(same.document.servers)).toEqual(["weather", "clock"]);
  expect(endedEdits(base, same)).toEqual([]);
});

test("a file that changes a scope ends the edit there, for good", () => {
  const base = edited(fromFile(file(1), undefined), WEATHER, limited(2));
  const changed = fromFile(file(3), base);
  expect(rateOf(changed.document)).toBe(3);
  expect(endedEdits(base, changed)).toEqual([WEATHER]);
  expect(rateOf(fromFile(file(1), changed).document)).toBe(1);
});

test("a file that comes to say what the edit says ends the edit too", () => {
  const base = edited(fromFile(file(1), undefined), WEATHER, limited(2));
  const agreed = fromFile(file(2), base);
  expect(isSameState(base, agreed)).toBe(false);
  expect(rateOf(fromFile(file(1), agreed).document)).toBe(1);
});

test("a server that leaves the file leaves the policy with its edit", () => {
  const base = edited(fromFile(file(1, { clock: {} }), undefined), WEATHER, limited(2));
  const gone = fromFile(fileDocument({ servers: { clock: {} } }), base);
  expect(Object.keys(gone.document.servers)).toEqual(["clock"]);
  expect(Object.keys(gone.scopes)).toEqual(["global", "servers/clock"]);
  expect(rateOf(fromFile(file(1), gone).document)).toBe(1);
});

test("whether a server is disabled is the file's alone to say", () => {
  const base = edited(fromFile(file(1), undefined), WEATHER, limited(2));
  const disabled = fileDocument({ servers: { weather: { rate_limit: 1, disabled: true } } });
  expect(fromFile(disabled, base).document.servers.weather).toMatchObject({ disabled: true, rate_limit: 2 });
});

test("a reset takes the file's word, and an edit or a reset of a server that is not there is unknown", () => {
  const base = edited(fromFile(file(1), undefined), WEATHER, limited(2));
  expect(isSameState(reset(base, WEATHER, file(1)), fromFile(file(1), undefined))).toBe(true);
  const unknown = expect.objectContaining({ code: "policy.unknown" });
  expect(() => edited(base, "servers/toString", limited(2))).toThrow(unknown);
  expect(() => reset(base, "servers/__proto__", file(1))).toThrow(unknown);
  expect(() => tried(base, "servers/clock", limited(2))).toThrow(unknown);
});

test("a rollback brings settings back as edits where the file says something else, but no server", () => {
  const earlier = fromFile(file(1, { gone: {} }), undefined);
  const base = fromFile(file(2, { come: {} }), earlier);
  const back = rolledBack(base, earlier);
  expect(rateOf(back.document)).toBe(1);
  expect(Object.keys(back.document.servers)).toEqual(["weather", "come"]);
  expect(back.scopes[WEATHER]?.origin).toBe("edit");
  expect(back.scopes.global?.origin).toBe("file");
  expect(rateOf(fromFile(file(2, { come: {} }), back).document)).toBe(1);
});

test("a rollback of a rollback is what was there before", () => {
  const one = fromFile(file(1), undefined);
  const two = edited(one, WEATHER, limited(2));
  const back = rolledBack(two, one);
  expect(isSameState(back, one)).toBe(true);
  expect(isSameState(rolledBack(back, two), two)).toBe(true);
});

test("a trial goes on differing where it differed, and follows what is in force elsewhere", () => {
  const base = tried(fromFile(file(1, { clock: {} }), undefined), WEATHER, limited(7));
  const clock = schemaOf("servers/clock").parse({ rate_limit: 9 });
  const { candidate } = edited(base, "servers/clock", clock);
  expect(candidate && settingsOf(candidate, "servers/clock")).toMatchObject({ rate_limit: 9 });
  expect(candidate && settingsOf(candidate, WEATHER)).toMatchObject({ rate_limit: 7 });
});

test("a trial can try several scopes, and ends when it is in force", () => {
  const base = fromFile(file(1), undefined);
  const both = tried(tried(base, WEATHER, limited(7)), "global", schemaOf("global").parse({ default_effect: "deny" }));
  expect(both.candidate).toMatchObject({ global: { default_effect: "deny" }, servers: { weather: { rate_limit: 7 } } });
  expect(edited(tried(base, WEATHER, limited(7)), WEATHER, limited(7)).candidate).toBeNull();
  expect(tried(base, WEATHER, limited(1)).candidate).toBeNull();
});
