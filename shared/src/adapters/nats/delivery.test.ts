import { expect, test } from "vitest";
import { deliveriesOf } from "./delivery.ts";

test.each([
  ["$JS.ACK.GOVERNANCE.tracker.3.11.7.1700000000000000000.0", 3],
  ["$JS.ACK.hub.ACCOUNT.GOVERNANCE.tracker.2.11.7.1700000000000000000.0.token", 2],
  ["", 1],
])("the reply subject %j tells of %i deliveries", (reply, deliveries) => {
  expect(deliveriesOf({ reply })).toBe(deliveries);
});
