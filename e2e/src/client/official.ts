import { Client as ClientV2, StreamableHTTPClientTransport as TransportV2 } from "@modelcontextprotocol/client";
import { Client as ClientV1 } from "@modelcontextprotocol/sdk/client/index.js";
import { StreamableHTTPClientTransport as TransportV1 } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport } from "@modelcontextprotocol/sdk/shared/transport.js";
import { onTestFinished } from "vitest";

type Capabilities = NonNullable<ConstructorParameters<typeof ClientV2>[1]>["capabilities"];

const info = (name: string) => ({ name, version: "1.0.0" });

/** A client of the official SDK, version 1, connected; closed with the test. */
export async function connectV1(url: string): Promise<ClientV1> {
  const client = new ClientV1(info("sdk-v1"));
  // Its own types contradict each other under exactOptionalPropertyTypes.
  await client.connect(new TransportV1(new URL(url)) as Transport);
  onTestFinished(() => client.close());
  return client;
}

export interface V2Options {
  capabilities?: Capabilities;
  /** Called before the connection, to set handlers. */
  prepare?: (client: ClientV2) => void;
}

/** A client of the official SDK, version 2, connected; closed with the test. */
export async function connectV2(url: string, { capabilities = {}, prepare }: V2Options = {}): Promise<ClientV2> {
  const client = new ClientV2(info("sdk-v2"), { capabilities });
  prepare?.(client);
  await client.connect(new TransportV2(new URL(url)));
  onTestFinished(() => client.close());
  return client;
}

/** The text of a tool's result. */
export function textOf(result: unknown): string {
  const { content } = result as { content?: { text?: string }[] };
  return content?.map((block) => block.text).join("\n") ?? "";
}
