import { setTimeout as delay } from "node:timers/promises";
import {
  type Closable,
  EXIT_BAD_CONFIGURATION,
  GovernanceError,
  type Log,
  type PolicyAdmin,
  StartupError,
} from "@mcp-governance-bridge/shared";
import type { PolicyDocument } from "@mcp-governance-bridge/shared/configuration";
import { type InForce, Ledger, type LedgerOptions } from "./ledger.ts";
import { createPolicyAdmin, type Explain } from "./policy-admin.ts";
import { endedEdits, fromFile } from "./policy-state.ts";

export interface LivePoliciesOptions<Policies> extends LedgerOptions<Policies> {
  /** What the configuration file says. */
  file: PolicyDocument;
  /** Who speaks where the file does, e.g. its path. */
  who: string;
  explain: Explain<Policies>;
}

/** The policies in force on this replica, kept the same as on all others. */
export interface LivePolicies<Policies> extends Closable {
  /** What decides at this moment; decisions under way keep what they began with. */
  current(): InForce<Policies>["policies"];
  /**
   * Takes what the file says. Resolves once it is in force, however late the store of revisions answers; rejects with
   * `policy.invalid` where file and edits together make no policy: the last good revision stays.
   */
  fileChanged(file: PolicyDocument): Promise<void>;
  admin: PolicyAdmin;
  /** Tells the name of each revision that comes into force from now on. */
  onChange(listener: (revision: string) => void): void;
  /** Rejects with the reason while this replica cannot follow the newest revision. */
  ping(): Promise<void>;
}

const RETRY_MS = 500;

/**
 * Resolves once a policy is in force: the newest revision of the store, brought up to date with the file. Waits for the
 * store as long as that takes. Throws a StartupError where there is no good revision and the file makes none.
 */
export async function createLivePolicies<Policies>(
  options: LivePoliciesOptions<Policies>,
): Promise<LivePolicies<Policies>> {
  const { store, log, who } = options;
  const listeners = new Set<(revision: string) => void>();
  const ledger = new Ledger(options, (revision) => {
    for (const listener of listeners) listener(revision);
  });
  let isClosed = false;
  let file = plain(options.file);
  const patience: Patience = { log, isOver: () => isClosed };

  /** A later change of the file ends the attempts for an earlier one. */
  const takeFile = (document: PolicyDocument): Promise<void> =>
    whenReachable({ ...patience, isOver: () => isClosed || document !== file }, () => follow(document));

  async function follow(document: PolicyDocument): Promise<void> {
    let ended: string[] = [];
    const revision = await ledger.change((base) => {
      const state = fromFile(document, base);
      ended = base ? endedEdits(base, state) : [];
      return { ...state, origin: "file", who, why: "" };
    });
    if (ended.length > 0) log.warn({ scopes: ended, revision: revision.number }, "the file ended edits of the policy");
  }

  await whenReachable(patience, async () => {
    await ledger.catchUp();
    await ledger.retell();
  });
  await takeFile(file).catch(tolerate(ledger, log));
  const { revision, policies } = inForce(ledger);
  const watching = store.watch(revision.number, (newer) => void ledger.adopt(newer));

  return {
    current: () => ledger.inForce?.policies ?? policies,
    async fileChanged(document) {
      file = plain(document);
      await takeFile(file);
    },
    admin: createPolicyAdmin({ ...options, ledger, file: () => file }),
    onChange: (listener) => void listeners.add(listener),
    async ping() {
      if (ledger.problem) throw new Error(ledger.problem);
    },
    async close() {
      isClosed = true;
      await watching.close();
    },
  };
}

/** A start goes on with the last good revision where the file makes no policy with the edits; without one there is no start. */
function tolerate(ledger: Ledger<unknown>, log: Log): (error: unknown) => void {
  return (error) => {
    if (!(error instanceof GovernanceError)) throw error;
    if (!ledger.inForce) throw new StartupError(`no policy\n${error.message}`, EXIT_BAD_CONFIGURATION);
    log.error({ err: error }, "the file was not taken; the last good revision stays in force");
  };
}

function inForce<Policies>(ledger: Ledger<Policies>): InForce<Policies> {
  if (!ledger.inForce) throw new GovernanceError("policy.unavailable", "no policy is in force");
  return ledger.inForce;
}

interface Patience {
  log: Log;
  isOver(): boolean;
}

/** Does the work, again and again while the store of revisions is away, until it is no longer wanted. */
async function whenReachable({ log, isOver }: Patience, work: () => Promise<void>): Promise<void> {
  for (let tries = 0; !isOver(); tries++) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof GovernanceError) || error.code !== "policy.unavailable") throw error;
      if (tries === 0) log.warn({ err: error }, "waiting for the store of revisions");
      await delay(RETRY_MS);
    }
  }
}

/** As it comes back from a store, so that equal documents have equal hashes. */
function plain(document: PolicyDocument): PolicyDocument {
  return JSON.parse(JSON.stringify(document)) as PolicyDocument;
}
