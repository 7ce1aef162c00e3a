import { entriesOf, memberOf } from "./plain-object.ts";
import type { Finding, Path } from "./problem.ts";

/** Addresses of upstreams and of the database that are none; those whose text is kept may hold variables. */
export function addressFindings(value: unknown, keeps: (path: Path) => boolean): Finding[] {
  const servers = entriesOf(memberOf(value, "mcpServers")).flatMap(([name, server]) => {
    const url = memberOf(server, "url");
    const path = ["mcpServers", name, "url"];
    if (typeof url !== "string" || keeps(path) || isWebAddress(url)) return [];
    return [{ path, message: "must be an address that begins with http:// or https://" }];
  });
  return [...servers, ...databaseFindings(memberOf(memberOf(value, "governance"), "mongodb_uri"), keeps)];
}

/** Whether a text is an absolute http or https address. */
export function isWebAddress(text: string): boolean {
  return URL.canParse(text) && /^https?:$/.test(new URL(text).protocol);
}

function databaseFindings(uri: unknown, keeps: (path: Path) => boolean): Finding[] {
  const path = ["governance", "mongodb_uri"];
  if (typeof uri !== "string" || keeps(path) || /^mongodb(\+srv)?:\/\//.test(uri)) return [];
  return [{ path, message: "must begin with mongodb:// or mongodb+srv://" }];
}
