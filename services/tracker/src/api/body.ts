import { GovernanceError } from "@mcp-governance-bridge/shared";

const MAX_BYTES = 1_048_576;
const JSON_TYPE = /^application\/json\s*(;|$)/i;

/** The JSON object in a request's body; `undefined` where there is no body. Throws the error of the table that fits. */
export async function readBody(request: Request): Promise<Record<string, unknown> | undefined> {
  const bytes = await readBytes(request);
  if (bytes.length === 0) return undefined;
  if (!JSON_TYPE.test(request.headers.get("content-type") ?? "")) {
    throw new GovernanceError("http.media_type", "the Content-Type of the body must be application/json");
  }
  const value = parseJson(bytes);
  if (isObject(value)) return value;
  throw new GovernanceError("request.invalid", "the body must be a JSON object");
}

async function readBytes(request: Request): Promise<Buffer> {
  checkSize(Number(request.headers.get("content-length")));
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    checkSize(size);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function checkSize(bytes: number): void {
  if (bytes > MAX_BYTES) throw new GovernanceError("message.too_large", `the body exceeds ${MAX_BYTES} bytes`);
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new GovernanceError("message.unparsable", "the body is not JSON in UTF-8", { cause });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
