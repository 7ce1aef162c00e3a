import type { System } from "../system/system.ts";
import { until } from "../system/until.ts";

interface Asked {
  method?: string;
  body?: object;
  headers?: Readonly<Record<string, string>>;
}

/** One request to the governance API through the gateway: status, and the JSON that came back. */
export async function askGovernance(
  system: System,
  path: string,
  { method = "GET", body, headers = {} }: Asked = {},
  // biome-ignore lint/suspicious/noExplicitAny: what the API answers is what tests look at
): Promise<{ status: number; body: any }> {
  const response = await fetch(`http://127.0.0.1:${system.basePort}/governance${path}`, {
    method,
    headers: { ...(body && { "content-type": "application/json" }), ...headers },
    ...(body && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: await response.json() };
}

/** The `data` of an answer, once it is as awaited. */
export async function awaitGovernance<Data>(
  system: System,
  path: string,
  isAwaited: (data: Data) => boolean,
): Promise<Data> {
  const asked = async (): Promise<Data | undefined> => {
    const { status, body } = await askGovernance(system, path);
    return status === 200 && isAwaited(body.data) ? body.data : undefined;
  };
  return until(asked, { what: `${path} is as awaited`, withinMs: 30_000, everyMs: 200 });
}

/** Makes an export or a report, waits for its end, and returns what it is and its text. */
export async function makeArtifact(
  system: System,
  kind: "exports" | "reports",
  { order, download }: { order: object; download: "download" | "html" | "json" },
): Promise<{ artifact: Record<string, unknown>; text: string }> {
  const ordered = await askGovernance(system, `/${kind}`, { method: "POST", body: order });
  if (ordered.status !== 200) throw new Error(`the order was answered ${JSON.stringify(ordered.body)}`);
  const path = `/${kind}/${ordered.body.data.id}`;
  const artifact = await awaitGovernance<Record<string, unknown>>(system, path, ({ status }) =>
    ["done", "failed", "cancelled"].includes(String(status)),
  );
  const response = await fetch(`http://127.0.0.1:${system.basePort}/governance${path}/${download}`);
  return { artifact, text: await response.text() };
}
