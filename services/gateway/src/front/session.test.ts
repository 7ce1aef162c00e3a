import { describe, expect, test } from "vitest";
import { aSessionState } from "../../test/builders.ts";
import type { EventStream } from "./event-stream.ts";
import { Session } from "./session.ts";

function aStream(heard: string[], name: string): EventStream {
  const says = (text: string) => void heard.push(`${name} ${text}`);
  return { send: says, end: () => says("ended") } as Pick<EventStream, "send" | "end"> as EventStream;
}

describe("a session", () => {
  test("speaks on the latest stream, and ends the one before it", () => {
    const heard: string[] = [];
    const session = new Session("key", aSessionState());
    session.tell("unheard");
    const [first, second] = [aStream(heard, "first"), aStream(heard, "second")];
    session.listen(first);
    session.tell("a");
    session.listen(second);
    session.silence(first);
    session.tell("b");
    session.silence(second);
    session.tell("unheard");
    expect(heard).toEqual(["first a", "first ended", "second b"]);
  });

  test("answers each question once, under the id it was asked with", () => {
    const session = new Session("key", aSessionState());
    const question = { answer() {}, progress() {}, fail() {} };
    const [one, two] = [session.ask(question), session.ask(question)];
    expect(one).not.toBe(two);
    expect(session.take(`"${one}"`)).toBeUndefined();
    expect(session.take(String(one))).toBe(question);
    expect(session.take(String(one))).toBeUndefined();
    expect(session.question(String(two))).toBe(question);
  });

  test("fails what it has not answered when it closes", () => {
    const session = new Session("key", aSessionState());
    const failed: number[] = [];
    for (const id of [1, 2]) session.ask({ answer() {}, progress() {}, fail: () => void failed.push(id) });
    session.close();
    expect(failed).toEqual([1, 2]);
  });

  test.each([
    [null, "debug", true],
    ["warning", "warning", true],
    ["warning", "notice", false],
    ["debug", "unheard of", false],
    ["warning", { toString: 1 }, false],
  ])("that asked for %j wants %j: %j", (logLevel, level, wanted) => {
    expect(new Session("key", aSessionState({ logLevel })).wants(level)).toBe(wanted);
  });

  test("can what its client declared", () => {
    const session = new Session("key", aSessionState({ capabilities: { roots: {} } }));
    expect([session.can("roots"), session.can("sampling")]).toEqual([true, false]);
  });
});
