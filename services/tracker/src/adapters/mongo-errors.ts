import { GovernanceError } from "@mcp-governance-bridge/shared";
import { MongoError, MongoServerError } from "mongodb";

export const NAMESPACE_EXISTS = 48;
export const DUPLICATE_KEY = 11_000;

export function codeOf(error: unknown): unknown {
  return (error as { code?: unknown } | undefined)?.code;
}

/** What the server refused is a fault of ours; any other failure of the driver means that no server could do it now. */
export function rethrow(error: unknown): never {
  if (!(error instanceof MongoError) || isRefusal(error)) throw error;
  throw new GovernanceError("store.unavailable", messageOf(error), { cause: error });
}

/** A bulk write gives a lost connection the form of an answer, but without a code. */
function isRefusal(error: MongoError): boolean {
  return error instanceof MongoServerError && error.code !== undefined && !error.hasErrorLabel("RetryableWriteError");
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
