import { isUtf8 } from "node:buffer";
import type { IncomingMessage } from "node:http";
import { GovernanceError } from "@mcp-governance-bridge/shared";

/** MCP's SDKs take no larger message. */
const MAX_BODY = 4 * 1024 * 1024;

/** Reads a body as text. Rejects with `message.too_large`, or `message.unparsable` when it is not UTF-8 or breaks off. */
export function readBody(request: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    const tooLarge = () => reject(new GovernanceError("message.too_large", `Request body exceeds ${MAX_BODY} bytes`));
    if (Number(request.headers["content-length"]) > MAX_BODY) return tooLarge();
    request.on("data", (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_BODY) tooLarge();
      else chunks.push(chunk);
    });
    request.on("end", () => {
      const body = chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
      if (isUtf8(body)) resolve(body.toString());
      else reject(new GovernanceError("message.unparsable", "Parse error: the body is not UTF-8"));
    });
    request.on("error", (cause) => reject(new GovernanceError("message.unparsable", "the body broke off", { cause })));
  });
}
