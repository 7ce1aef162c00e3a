import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { UsageError } from "./command.ts";

export interface Letter {
  letter_id: string;
  subject: string;
  reason: string;
  payload_size: number;
  dead_at: string;
}

export interface Redriven {
  redriven: number;
  dead: number;
  still_dead: { id: string; reason: string }[];
}

/** What the API answers where it could do what was asked. */
interface Answered<Data> {
  status: "success";
  data: Data;
  next?: string;
}

interface ApiOptions {
  url: string;
  /** Bearer token; none is sent where it is undefined. */
  token: string | undefined;
}

const PATH = "/governance/dead-letters";
/** Redriving answers when all is done. */
const TIMEOUT_MS = 600_000;

/** Asks the governance API about dead letters. Each call rejects with a StartupError that says what went wrong. */
export function deadLettersApi({ url, token }: ApiOptions) {
  const base = baseOf(url);

  async function ask<Data>(path: string, body?: object): Promise<Answered<Data>> {
    const response = await send(`${base}${path}`, {
      method: body ? "POST" : "GET",
      headers: {
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        ...(body && { "content-type": "application/json" }),
      },
      ...(body && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const value: unknown = await response.json().catch(() => undefined);
    if (response.ok && memberOf(value, "status") === "success") return value as Answered<Data>;
    throw failure(refusalOf(response.status, value, base));
  }

  return {
    /** All letters that are dead, newest first. */
    async *list(): AsyncIterable<Letter> {
      let cursor = "";
      do {
        const page = await ask<Letter[]>(`${PATH}?status=dead&limit=1000${cursor}`);
        yield* page.data;
        cursor = page.next === undefined ? "" : `&cursor=${encodeURIComponent(page.next)}`;
      } while (cursor !== "");
    },
    async redrive(chosen: { ids: readonly string[] } | { all: true }): Promise<Redriven> {
      return (await ask<Redriven>(`${PATH}/redrive`, chosen)).data;
    },
  };
}

function baseOf(url: string): string {
  if (!(/^https?:/.test(url) && URL.canParse(url))) throw new UsageError(`--url: "${url}" is no http address`);
  return url.replace(/\/+$/, "");
}

async function send(url: string, request: RequestInit): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (cause) {
    throw failure(`no governance API answers at ${new URL(url).origin}: ${reasonOf(cause)} (--url says where it is)`);
  }
}

function refusalOf(status: number, answer: unknown, base: string): string {
  const error = memberOf(answer, "error");
  if (typeof error !== "string") return `${base} is no governance API of this version: it answered ${status}`;
  return status === 401 ? `${error} (--token-env names the variable that holds the token)` : error;
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}

/** Fetch hides what happened behind "fetch failed". */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  if (cause instanceof Error && "code" in cause && typeof cause.code === "string") return cause.code;
  return cause instanceof Error ? cause.message : String(cause);
}

function failure(message: string): StartupError {
  return new StartupError(message, EXIT_BAD_CONFIGURATION);
}
