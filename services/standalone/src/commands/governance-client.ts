import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";
import { readDotEnv } from "@mcp-governance-bridge/shared/configuration";
import { type Terminal, UsageError } from "./command.ts";

/** Options of commands that ask the governance API, by default that of this machine. */
export const clientOptions = {
  url: { type: "string", default: "http://127.0.0.1:8173" },
  "token-env": { type: "string", default: "ADMIN_TOKEN" },
} as const;

/** What the API answers where it could do what was asked. */
interface Answered<Data> {
  status: "success";
  data: Data;
  next?: string;
}

export type GovernanceClient = ReturnType<typeof governanceClient>;

/** Some requests are answered when all is done. */
const TIMEOUT_MS = 600_000;

/** Asks the governance API. Each call rejects with a StartupError that says what went wrong. */
export function governanceClient(given: { url: string; "token-env": string }, { cwd, env }: Terminal) {
  const base = baseOf(given.url);
  const token = readDotEnv(cwd, env)[given["token-env"]];

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
    /** What is answered, as `data`; a body is posted. */
    async ask<Data>(path: string, body?: object): Promise<Data> {
      return (await ask<Data>(path, body)).data;
    },
    /** All items of a list, page by page; the path has a query. */
    async *list<Item>(path: string): AsyncIterable<Item> {
      let cursor = "";
      do {
        const page = await ask<Item[]>(`${path}${cursor}`);
        yield* page.data;
        cursor = page.next === undefined ? "" : `&cursor=${encodeURIComponent(page.next)}`;
      } while (cursor !== "");
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
