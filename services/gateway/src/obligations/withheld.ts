import { GovernanceError } from "@mcp-governance-bridge/shared";
import { errorText, resultText } from "../jsonrpc/compose.ts";
import { isObject, type Message } from "../jsonrpc/message.ts";

/** What is answered and what is said instead. */
export interface Withholding {
  method: string;
  target: string;
  reason: string;
}

type Notice = (text: string, withholding: Withholding, answer: Message) => object;

const notices: Readonly<Record<string, Notice>> = {
  "tools/call": (text, _, { result }) => {
    // Clients hold a success to the tool's output schema, which a notice cannot meet.
    const isError = isObject(result) && (result.isError === true || result.structuredContent !== undefined);
    return { content: [{ type: "text", text }], ...(isError && { isError }) };
  },
  "resources/read": (text, { target }) => ({ contents: [{ uri: target, mimeType: "text/plain", text }] }),
  "prompts/get": (text) => ({ messages: [{ role: "user", content: { type: "text", text } }] }),
  "completion/complete": () => ({ completion: { values: [] } }),
};

/** The answer with a notice in place of what it had to say: valid for its method, and an error where it was one. */
export function withheldText(answer: Message, withholding: Withholding): string {
  const id = answer.id ?? "null";
  const text = `[withheld by policy: ${withholding.reason}]`;
  const notice = notices[withholding.method];
  if (notice && !answer.error) return resultText(id, JSON.stringify(notice(text, withholding, answer)));
  return errorText(id, new GovernanceError("policy.denied", text));
}
