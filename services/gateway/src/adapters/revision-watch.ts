import { z } from "zod";

const Announcement = z.object({ revision: z.string().min(1) });

/**
 * Tells each revision of the policy once, however it is learnt of. An announcement is believed; what an answer names
 * counts only when it is later than the last one known, since a replica may be a moment behind.
 */
export function createRevisionWatch() {
  const listeners: ((revision: string) => void)[] = [];
  let current: string | undefined;

  function tell(revision: string): void {
    current = revision;
    for (const listener of listeners) listener(revision);
  }

  return {
    onRevision(listener: (revision: string) => void): void {
      listeners.push(listener);
    },

    /** Takes the text `{"revision": "r12-…"}`; ignores any other. */
    announced(text: string): void {
      const revision = revisionOf(text);
      if (revision !== undefined && revision !== current) tell(revision);
    },

    /** Takes what an answer names as the revision it was made under. */
    seen(revision: string): void {
      if (revision === current || revision === "none") return;
      if (current === undefined) current = revision;
      else if (!(numberOf(revision) < numberOf(current))) tell(revision);
    },
  };
}

function revisionOf(text: string): string | undefined {
  try {
    return Announcement.safeParse(JSON.parse(text)).data?.revision;
  } catch {
    return undefined;
  }
}

/** The number in `r12-…`; NaN for a name of another form. */
function numberOf(revision: string): number {
  return Number(/^r(\d+)-/.exec(revision)?.[1] ?? Number.NaN);
}
