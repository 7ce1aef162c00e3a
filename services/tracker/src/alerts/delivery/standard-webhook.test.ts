import { createHmac } from "node:crypto";
import { expect, test } from "vitest";
import { signedHeaders } from "./standard-webhook.ts";

test("the vector of the standard comes out", () => {
  const message = {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    at: new Date(1_614_265_330_000),
    body: '{"test": 2432232314}',
  };
  expect(signedHeaders(message, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("a secret that has not the standard's form signs by its own bytes", () => {
  const expected = createHmac("sha256", "correct-horse-battery").update("a.1.ü").digest("base64");
  const headers = signedHeaders({ id: "a", at: new Date(1_999), body: "ü" }, "correct-horse-battery");
  expect(headers["webhook-signature"]).toBe(`v1,${expected}`);
});
