import { createHmac } from "node:crypto";

interface Message {
  /** The same for every try, so that a receiver knows what it has. */
  id: string;
  at: Date;
  body: string;
}

/** The headers of https://www.standardwebhooks.com for a message. */
export function signedHeaders({ id, at, body }: Message, secret: string): Record<string, string> {
  const seconds = String(Math.floor(at.getTime() / 1_000));
  const signature = createHmac("sha256", keyOf(secret)).update(`${id}.${seconds}.${body}`).digest("base64");
  return { "webhook-id": id, "webhook-timestamp": seconds, "webhook-signature": `v1,${signature}` };
}

/** The standard's form of a secret is `whsec_` and base64; any other text is taken as it is. */
function keyOf(secret: string): Buffer {
  return secret.startsWith("whsec_") ? Buffer.from(secret.slice("whsec_".length), "base64") : Buffer.from(secret);
}
