import { type Logger, pino } from "pino";
import { z } from "zod";

export type Log = Logger;

export const LogLevel = z.enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"]);

/** JSON lines on standard output, one object each. */
export function createLog(name: string, level: z.infer<typeof LogLevel>): Log {
  return pino({ name, level, base: { name }, timestamp: pino.stdTimeFunctions.isoTime });
}

/** For tests, and for what must not speak. */
export const silentLog: Log = pino({ level: "silent" });
