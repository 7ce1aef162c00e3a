import { expect, test } from "vitest";
import { Scope } from "./lifecycle.ts";

test("closes in reverse order, and goes on after a failure", async () => {
  const closed: string[] = [];
  const scope = new Scope();
  scope.use({ close: async () => void closed.push("bus") });
  scope.use({
    close: async () => {
      throw new Error("redis is gone");
    },
  });
  scope.use({ close: async () => void closed.push("http") });

  await expect(scope.close()).rejects.toThrow("shutdown was not clean");
  expect(closed).toEqual(["http", "bus"]);
});

test("closes once, however often it is asked", async () => {
  let closed = 0;
  const scope = new Scope();
  scope.use({ close: async () => void closed++ });
  await Promise.all([scope.close(), scope.close()]);
  expect(closed).toBe(1);
});
