import type { Webhook } from "@mcp-governance-bridge/shared/configuration";
import { signedHeaders } from "./standard-webhook.ts";

const TIMEOUT_MS = 10_000;
const GONE = 410;

interface Message {
  id: string;
  /** JSON text. */
  body: string;
  at: Date;
}

export interface Sent {
  /** What the receiver answered; null where it did not. */
  status: number | null;
  /** Why it does not count as delivered; null where it does. Says nothing of address or secret. */
  error: string | null;
  /** Milliseconds that the receiver wants us to wait. */
  retryAfterMs?: number;
  /** The receiver wants nothing more. */
  isFinal?: boolean;
}

export type Send = (webhook: Webhook, message: Message, signal: AbortSignal) => Promise<Sent>;

/** Posts a signed message. Rejects only when the signal stops it; redirects are not followed. */
export function createSend({ timeoutMs = TIMEOUT_MS } = {}): Send {
  return async (webhook, message, signal) => {
    const timeout = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(webhook.url, {
        method: "POST",
        body: message.body,
        headers: { "content-type": "application/json", ...signedHeaders(message, webhook.secret) },
        redirect: "manual",
        signal: AbortSignal.any([signal, timeout]),
      });
      await response.body?.cancel().catch(() => undefined);
      return sentOf(response);
    } catch (error) {
      signal.throwIfAborted();
      return { status: null, error: timeout.aborted ? `no answer within ${timeoutMs} ms` : reasonOf(error) };
    }
  };
}

function sentOf({ ok, status, headers }: Response): Sent {
  if (ok) return { status, error: null };
  const retryAfterMs = status === 429 || status === 503 ? waitOf(headers.get("retry-after")) : undefined;
  return {
    status,
    error: status >= 300 && status < 400 ? `answered ${status}: redirects are not followed` : `answered ${status}`,
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    ...(status === GONE && { isFinal: true }),
  };
}

/** Seconds, or a date. */
function waitOf(header: string | null): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1_000 : Date.parse(header) - Date.now();
  return Number.isFinite(ms) ? Math.max(0, ms) : undefined;
}

/** The texts of such errors may have the address in them, which may be a secret; their codes have not. */
function reasonOf(error: unknown): string {
  const { cause } = error as { cause?: { code?: unknown } };
  return typeof cause?.code === "string" ? `not reached: ${cause.code}` : "not reached";
}
