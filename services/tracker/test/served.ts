import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { GovernanceApi } from "../src/api/governance-api.ts";

/** The API over a server of Node. */
export async function served({ handle }: GovernanceApi): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => handle(request, response));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
