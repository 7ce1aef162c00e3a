import { type Log, silentLog } from "@mcp-governance-bridge/shared";

type Line = Record<string, unknown> & { level: string; msg: string };

/** A log that keeps what it is told instead of writing it. */
export function aLog(): { log: Log; lines: Line[] } {
  const lines: Line[] = [];
  const at = (level: string) => (first: object | string, msg?: string) => {
    if (typeof first === "string") lines.push({ level, msg: first });
    else lines.push({ ...first, level, msg: msg ?? "" });
  };
  const log: Log = Object.assign(Object.create(silentLog) as Log, {
    debug: at("debug"),
    info: at("info"),
    warn: at("warn"),
    error: at("error"),
    child: () => log,
  });
  return { log, lines };
}
