export type Era = "initialize" | "stateless";

/** The first version of MCP in which a request stands for itself. */
const FIRST_STATELESS = "2026-07-28";
const DATE = /^\d{4}-\d{2}-\d{2}$/;

/** Whether clients of a protocol version open a session first. Versions that are no date are taken for older ones. */
export function eraOf(version: string): Era {
  return DATE.test(version) && version >= FIRST_STATELESS ? "stateless" : "initialize";
}
