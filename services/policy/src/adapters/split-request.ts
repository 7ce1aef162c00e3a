/** A request in two: what precedes its arguments, parsed, and the JSON text of these as it came. */
export interface SplitRequest {
  head: object;
  argumentsText: Uint8Array;
}

const MEMBER = Buffer.from(',"arguments":');
const BRACE = "}".charCodeAt(0);

/**
 * Takes a request whose last member is `arguments` apart without reading these. Undefined for any other form. What follows
 * the arguments stays with their text, which then is no JSON.
 */
export function splitRequest(data: Uint8Array): SplitRequest | undefined {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const at = bytes.indexOf(MEMBER);
  if (at === -1 || bytes.at(-1) !== BRACE) return undefined;
  // Only where the member is the outermost object's own does the head make an object.
  const head = objectIn(`${bytes.toString("utf8", 0, at)}}`);
  return head && { head, argumentsText: bytes.subarray(at + MEMBER.length, -1) };
}

function objectIn(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
