import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";

/** The error as its asker gets it. One that is a fault of ours is logged with the cause, which they do not get. */
export function faultOf(error: unknown, log: Log): GovernanceError {
  const fault = GovernanceError.from(error);
  if (fault.code === "internal") log.error({ err: fault.cause ?? fault }, "internal error");
  return fault;
}
