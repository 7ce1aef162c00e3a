import { expect, test } from "vitest";
import { Subscriptions } from "./subscriptions.ts";

test("a resource is given up with the last that watches it", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add("a://1", "one");
  subscriptions.add("a://1", "two");
  subscriptions.add("a://1", "two");
  expect([...subscriptions.watching("a://1")]).toEqual(["one", "two"]);
  expect(subscriptions.remove("a://1", "one")).toBe(false);
  expect(subscriptions.remove("a://1", "two")).toBe(true);
  expect(subscriptions.uris()).toEqual([]);
});

test("who never watched ends nothing", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add("a://1", "one");
  expect(subscriptions.remove("a://1", "two")).toBe(false);
  expect(subscriptions.remove("b://2", "one")).toBe(false);
});

test("a session's end gives up what only it watched", () => {
  const subscriptions = new Subscriptions();
  subscriptions.add("a://1", "one");
  subscriptions.add("a://2", "one");
  subscriptions.add("a://2", "two");
  expect(subscriptions.removeSession("one")).toEqual(["a://1"]);
  expect(subscriptions.uris()).toEqual(["a://2"]);
});
