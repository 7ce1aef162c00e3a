import type { Document } from "../../record-store.ts";
import { linkTo, type Observation } from "../observation.ts";
import type { Evaluate, RuleOf } from "./rule.ts";

interface Away {
  server_name: string;
  state: string;
  reason: string | null;
  since: Date;
}

/** Servers that should be connected and have not been for too long. */
export function createUpstreamDown(): Evaluate<"upstream_down"> {
  // The record says when the state last changed; a server that is tried again and again changes it without being back.
  let known = new Map<string, Away>();

  return async (rule, { store, now }) => {
    const servers = await store.aggregate("servers", [
      { $project: { server_name: 1, state: 1, state_at: 1, state_reason: 1, is_active: 1 } },
    ]);
    const away = servers.filter(isAway).map((server) => awayOf(server, known, now));
    known = new Map(away.map((server) => [server.server_name, server]));
    const secondsOf = ({ since }: Away) => Math.floor((now.getTime() - since.getTime()) / 1_000);
    return away
      .filter((server) => secondsOf(server) >= rule.after_seconds)
      .filter(({ server_name }) => rule.servers?.includes(server_name) ?? true)
      .map((server) => observationOf(server, { rule, now, seconds: secondsOf(server) }));
  };
}

function observationOf(
  { server_name, state, reason, since }: Away,
  { rule, now, seconds }: { rule: RuleOf<"upstream_down">; now: Date; seconds: number },
): Observation {
  const why = reason === null ? "" : `: ${reason}`;
  return {
    ...{ rule, subject: { server_name }, at: now },
    sentence: `The server ${server_name} has been away since ${since.toISOString()} (${state})${why}`,
    evidence: {
      ...{ state, since, seconds, threshold_seconds: rule.after_seconds, reason },
      links: [linkTo(`/governance/servers/${encodeURIComponent(server_name)}`)],
    },
  };
}

function awayOf(
  { server_name, state, state_at, state_reason }: Document,
  known: ReadonlyMap<string, Away>,
  now: Date,
): Away {
  const name = String(server_name);
  const at = state_at instanceof Date ? state_at : now;
  const since = Math.min((known.get(name)?.since ?? at).getTime(), at.getTime());
  const reason = typeof state_reason === "string" && state_reason !== "" ? state_reason : null;
  return { server_name: name, state: String(state), reason, since: new Date(since) };
}

/** Of a server whose state nobody has told nothing is known. */
function isAway({ state, is_active }: Document): boolean {
  return is_active !== false && (state === "disconnected" || state === "starting");
}
