import type { Log, Permit } from "@mcp-governance-bridge/shared";
import type { GovernedCall } from "./governed-call.ts";
import type { Reports } from "./reports.ts";

interface SpeechOptions {
  call: GovernedCall;
  permit: Permit;
  reports: Pick<Reports, "labelled">;
  /** False when the call has its answer already. */
  send(text: string): boolean;
  log: Log;
}

/** What a client gets of a call before its end: nothing before the labels that its session has from it are kept. */
export class Speech {
  /** Whether the client has had anything of the upstream. */
  hasSaid = false;
  readonly #options: SpeechOptions;
  #labelled: Promise<boolean> | undefined;

  constructor(options: SpeechOptions) {
    this.#options = options;
  }

  /** Resolves with whether it was said. */
  async say(text: string): Promise<boolean> {
    this.#labelled ??= this.#label();
    if (this.#labelled && !(await this.#labelled)) return false;
    this.hasSaid = true;
    return this.#options.send(text);
  }

  /** Resolves with whether something may be said. */
  async labelled(): Promise<boolean> {
    this.#labelled ??= this.#label();
    return (await this.#labelled) ?? true;
  }

  /** Resolves once everything is said that was to be said until then. */
  async settled(): Promise<void> {
    await this.#labelled;
  }

  #label(): Promise<boolean> | undefined {
    const { call, permit, reports, log } = this.#options;
    return reports.labelled(call, permit)?.then(
      () => true,
      (error: unknown) => {
        log.error(
          { err: error, callId: call.callId },
          "labels of a session are not kept, nothing is said before the answer",
        );
        return false;
      },
    );
  }
}
