import { events, type Published, type Subject } from "@mcp-governance-bridge/shared";

/** The event that a text is by the schema of its subject; otherwise what is wrong with it. */
export function eventOf(subject: string, payload: string): Published | { reason: string } {
  if (!isSubject(subject)) return { reason: "unknown subject" };
  const result = events[subject].safeParse(parsed(payload));
  if (result.success) return { subject, event: result.data } as Published;
  const [issue] = result.error.issues;
  return { reason: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "invalid"}` };
}

function isSubject(subject: string): subject is Subject {
  return Object.hasOwn(events, subject);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
