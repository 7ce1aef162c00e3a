import { expect, test } from "vitest";
import { createRevisionWatch } from "./revision-watch.ts";

function aWatch() {
  const told: string[] = [];
  const watch = createRevisionWatch();
  watch.onRevision((revision) => void told.push(revision));
  return { ...watch, told };
}

test("each announced revision is told once, an earlier number too", () => {
  const { announced, told } = aWatch();
  for (const revision of ["r2-a", "r2-a", "r3-b", "r1-a"]) announced(JSON.stringify({ revision }));
  expect(told).toEqual(["r2-a", "r3-b", "r1-a"]);
});

test("what answers name first is what is in force, and nothing to tell", () => {
  const { seen, announced, told } = aWatch();
  seen("r2-a");
  announced(`{"revision":"r2-a"}`);
  expect(told).toEqual([]);
});

test("an answer under a later revision tells it, one that is behind does not", () => {
  const { seen, told } = aWatch();
  for (const revision of ["r2-a", "r10-b", "r9-c", "r10-b", "none", "r11-d"]) seen(revision);
  expect(told).toEqual(["r10-b", "r11-d"]);
});

test("names without numbers are told as they change", () => {
  const { seen, told } = aWatch();
  for (const revision of ["aaa", "bbb", "bbb", "aaa"]) seen(revision);
  expect(told).toEqual(["bbb", "aaa"]);
});

test.each(["", "{", "null", "{}", `{"revision":""}`, `{"revision":12}`])("%j announces nothing", (text) => {
  const { announced, told } = aWatch();
  announced(text);
  expect(told).toEqual([]);
});
