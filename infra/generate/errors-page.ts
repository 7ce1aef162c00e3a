import { errorTable } from "../../shared/src/errors.ts";
import { page, table } from "./markdown.ts";

/** docs/errors.md: every failure that a client or an operator can meet. */
export function errorsPage(): string {
  const rows = Object.entries(errorTable).map(([code, { rpc, http, retryable, meaning }]) => [
    `\`${code}\``,
    String(rpc),
    String(http),
    retryable ? "yes" : "no",
    meaning,
  ]);
  return page("Errors", "shared/src/errors.ts", [
    "A JSON-RPC error carries the number in `code` and the name in `data.code`. The HTTP status is used where the answer is no JSON-RPC message. Retryable means that the same call may succeed later and did not run.",
    table(["code", "JSON-RPC", "HTTP", "retryable", "meaning"], rows),
  ]);
}
