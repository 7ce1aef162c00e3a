import { expect, test } from "vitest";
import { aFile, aServer, check, problemsOf } from "../../test/configuration.ts";

const weather = { weather: aServer() };
const alerts = (settings: object) => aFile(weather, { alerts: settings });
const webhook = { id: "pager", url: "https://pager.example.com/in", secret: `\${PAGER_SECRET}` };

test("without a word of them, the usual rules raise alerts and calls stay for ever", () => {
  const { record } = check(aFile(weather)).configuration ?? {};
  expect(record?.alerts.rules.map(({ id }) => id)).toEqual([
    "recording-stopped",
    "dead-letters",
    "upstream-down",
    "violations",
    "error-rate",
    "anomaly",
  ]);
  expect(record?.retention.tool_logs).toBeUndefined();
  expect(record?.unknown_after_minutes).toBe(15);
});

test("row 85: retention is taken in days, and payloads cannot outlive their calls", () => {
  const kept = (retention: object) => aFile(weather, { retention });
  expect(check(kept({ tool_logs: 90, payloads: 30 })).configuration?.record.retention).toMatchObject({
    tool_logs: 90,
    payloads: 30,
    artifacts: 30,
  });
  expect(problemsOf(kept({ tool_logs: 30, payloads: 90 }))).toEqual([
    "governance.retention.payloads: is more than the 30 days of tool_logs: payloads go with the calls they belong to",
  ]);
  expect(problemsOf(kept({ tool_logs: 0 }))[0]).toContain("must be above 0");
});

test("a rule that names a server that there is not is refused, with what was meant", () => {
  const rule = { id: "down", kind: "upstream_down", servers: ["whether"] };
  expect(problemsOf(alerts({ rules: [rule] }))).toEqual([
    'governance.alerts.rules[0].servers[0]: there is no server "whether" (did you mean "weather"?)',
  ]);
});

test("ids are unique", () => {
  const rule = { id: "down", kind: "upstream_down" };
  expect(problemsOf(alerts({ rules: [rule, rule] }))).toEqual([
    'governance.alerts.rules[1].id: "down" is the id of another one',
  ]);
});

test("a webhook needs an address and a secret of some length; the secret comes from the environment", () => {
  const file = alerts({ webhooks: [webhook] });
  const env = { PAGER_SECRET: "0123456789abcdef" };
  expect(check(file, { env }).configuration?.record.alerts.webhooks[0]?.secret).toBe("0123456789abcdef");
  expect(problemsOf(file, { env: { PAGER_SECRET: "short" } })).toEqual([
    "governance.alerts.webhooks[0].secret: must have at least 16 characters",
  ]);
  const elsewhere = alerts({ webhooks: [{ ...webhook, url: "ftp://pager" }] });
  expect(problemsOf(elsewhere, { env })).toEqual([
    "governance.alerts.webhooks[0].url: must be an address that begins with http:// or https://",
  ]);
});

test.each([
  [{ url: "https://ada:pw@pager.example.com" }, "url: must hold no user and no password: deliveries are signed"],
  [{ secret: "whsec_not-base64-at-all" }, "secret: must be base64 after whsec_"],
])("a webhook that cannot be told as it says is refused: %j", (more, problem) => {
  const file = alerts({ webhooks: [{ ...webhook, secret: "0123456789abcdef", ...more }] });
  expect(problemsOf(file)).toEqual([`governance.alerts.webhooks[0].${problem}`]);
});

test("an anomaly that would be judged only after more days than are learned from is refused", () => {
  const file = alerts({ rules: [{ id: "odd", kind: "anomaly", learn_days: 2 }] });
  expect(problemsOf(file)).toEqual([
    "governance.alerts.rules[0].min_days: is more than the 2 days of learn_days: nothing would ever be judged",
  ]);
});

test("services that tell nobody need no webhook's secret", () => {
  const file = alerts({ webhooks: [webhook] });
  expect(problemsOf(file, { scope: "gateway" })).toEqual([]);
  expect(problemsOf(file, { scope: "policy" })).toEqual([]);
  expect(problemsOf(file, { scope: "tracker" })).toHaveLength(1);
});
