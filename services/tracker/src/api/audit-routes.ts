import { z } from "zod";
import { publicKeysIn } from "../audit/public-keys.ts";
import { toPem } from "../audit/signer.ts";
import type { RecordStore } from "../record-store.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { paging } from "./page.ts";
import { listEndpoint } from "./record-routes.ts";

const Head = z.object({ partition: z.string(), seq: z.int(), hash: z.string() });

const Checkpoint = z.object({
  partition: z.string().describe("The chain: one for each run of a tracker"),
  seq: z.int().describe("Its newest block"),
  hash: z.string().describe("Hash of that block, 64 hex digits"),
  leaves: z.int().describe("Facts in the chain so far"),
  timestamp: z.iso.datetime(),
  witnessed: z.array(Head).describe("Where other chains stood"),
  closes: z.boolean().describe("Whether the chain ends here"),
  key_id: z.string().describe("First 16 hex digits of the SHA-256 of the public key"),
  public_key: z.string().describe("DER of the SPKI, base64"),
  signature: z.string().describe("Ed25519 over all above, base64"),
});

const Key = z.object({ key_id: z.string(), public_key: z.string().describe("PEM") });

/** Evidence to be kept elsewhere: it tells nothing of any call, so that whoever asks may have it. */
export function auditRoutes(store: Pick<RecordStore, "aggregate">): Endpoint[] {
  return [
    listEndpoint(store, {
      path: "/governance/audit/checkpoints",
      summary: "Signed statements of where the chains of the audit trail stand, newest first",
      access: "open",
      collection: "audit_checkpoints",
      query: z.strictObject({ partition: z.string().optional().describe("Only of this chain"), ...paging }),
      match: ({ partition }) => (partition === undefined ? {} : { partition }),
      data: Checkpoint,
    }),
    endpoint({
      method: "GET",
      path: "/governance/audit/keys",
      summary: "Public keys that the newest checkpoints were signed with",
      access: "open",
      data: z.array(Key),
      async answer() {
        const keys = await publicKeysIn(store);
        return { json: JSON.stringify(keys.map((key) => ({ ...key, public_key: toPem(key.public_key) }))) };
      },
    }),
  ];
}
