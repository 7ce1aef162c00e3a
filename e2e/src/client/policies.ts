import type { System } from "../system/system.ts";
import { until } from "../system/until.ts";

/** What may change the policy of a distributed system here. */
export const ADMIN_TOKEN = "e2e-admin-token";

export interface ApiAnswer {
  status: number;
  body: { status: string; data?: unknown; error?: string; code?: string };
}

/** One request of the governance API by somebody who may change the policy. */
export async function askApi(
  system: System,
  path: string,
  { method = "GET", body }: ApiRequest = {},
): Promise<ApiAnswer> {
  const response = await fetch(`http://127.0.0.1:${system.basePort}/governance/${path}`, {
    method,
    headers: { "content-type": "application/json", authorization: `Bearer ${ADMIN_TOKEN}` },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as ApiAnswer["body"] };
}

interface ApiRequest {
  method?: string;
  body?: unknown;
}

/** One decision as the governance API tells it. */
export type DecisionLog = Readonly<Record<string, unknown>>;

/** The decisions that match, once there are enough. */
export function decisions(
  system: System,
  filters: Readonly<Record<string, string>>,
  count = 1,
): Promise<readonly DecisionLog[]> {
  const read = async () => {
    const { body } = await askApi(system, `decisions?${new URLSearchParams(filters)}`);
    const found = (body.data ?? []) as DecisionLog[];
    return found.length >= count ? found : undefined;
  };
  return until(read, { what: `${count} decisions of ${JSON.stringify(filters)}` });
}
