import { GovernanceError, type Log, type Permit } from "@mcp-governance-bridge/shared";
import type { Screen } from "../obligations/screen.ts";
import type { GovernedCall } from "./governed-call.ts";
import type { Reports } from "./reports.ts";
import type { Ending } from "./trail.ts";

export interface PermittedCall {
  call: GovernedCall;
  permit: Permit;
  screen: Screen;
  /** Whether the asker has had anything of the upstream before the end. */
  hasSaid(): boolean;
}

/** What the asker gets of how a permitted call ended, once its permit's obligations are met. Never rejects. */
export type HandBack = (permitted: PermittedCall, ending: Ending) => Promise<Ending>;

export function createHandBack(reports: Reports, log: Log): HandBack {
  return async ({ call, permit, screen, hasSaid }, ending) => {
    if ("failure" in ending && !hasSaid()) {
      reports.released(call, permit);
      return { ...ending, masked: screen.said };
    }
    const screened = "answer" in ending ? await screen.answer(ending.answer) : { ...ending, masked: screen.said };
    // What was said before was said once the labels were kept.
    if (hasSaid()) {
      reports.released(call, permit);
      return screened;
    }
    try {
      await reports.handedBack(call, permit);
      return screened;
    } catch (error) {
      log.error({ err: error, callId: call.callId }, "labels of a session are not kept, the answer is withheld");
      const { message } = GovernanceError.from(error);
      return { failure: new GovernanceError("policy.unavailable", message), masked: screened.masked };
    }
  };
}
