import { expect, test } from "vitest";
import { type Message, readUpstreamMessage } from "../jsonrpc/message.ts";
import type { Caller } from "./caller.ts";
import { together } from "./caller.ts";

const logged = (data: string) =>
  readUpstreamMessage(`{"jsonrpc":"2.0","method":"notifications/message","params":{"data":"${data}"}}`);

/** A call of which the client may not have `hidden`, and what was said of it. */
function aCaller(hidden: string, isLabelled = true) {
  const said: string[] = [];
  const shown = ({ text }: Message): Message => readUpstreamMessage(text.replaceAll(hidden, "-"));
  const caller: Caller = {
    sessionId: "one",
    labelled: async () => isLabelled,
    say: async (text) => said.push(text) > 0,
    shown,
    onNotification: (message) => void said.push(shown(message).text),
  };
  return { caller, said };
}

test("nobody is nobody, and one is that one", () => {
  const { caller } = aCaller("a");
  expect(together([])).toBeUndefined();
  expect(together([caller])).toBe(caller);
});

test("what is said is fit for each of them, and said to the last", async () => {
  const [first, last] = [aCaller("private"), aCaller("secret")];
  const both = together([first.caller, last.caller]);
  const fit = logged("- - public").text;
  expect(both?.shown(logged("private secret public"))?.text).toBe(fit);
  both?.onNotification(logged("private secret public"));
  await expect.poll(() => last.said).toEqual([fit]);
  expect(await both?.say("a question")).toBe(true);
  expect([first.said, last.said]).toEqual([[], [fit, "a question"]]);
});

test("nothing is said where one of them may not hear it", async () => {
  const [first, last] = [aCaller("a"), aCaller("b")];
  const withheld = together([{ ...first.caller, shown: () => undefined }, last.caller]);
  expect(withheld?.shown(logged("x"))).toBeUndefined();
  withheld?.onNotification(logged("x"));
  const unlabelled = together([aCaller("a", false).caller, last.caller]);
  unlabelled?.onNotification(logged("x"));
  expect(await unlabelled?.say("a question")).toBe(false);
  await new Promise((resolve) => setImmediate(resolve));
  expect(last.said).toEqual([]);
});
