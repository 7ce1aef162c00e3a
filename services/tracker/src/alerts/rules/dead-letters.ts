import { linkTo } from "../observation.ts";
import type { Evaluate } from "./rule.ts";

const MAX_COUNTED = 1_000;

/** Messages that could not be processed and wait to be re-driven. */
export const deadLetters: Evaluate<"dead_letters"> = async (rule, { store, now }) => {
  const letters = await store.aggregate("dead_letters", [
    { $match: { status: "dead" } },
    { $sort: { timestamp: -1, _id: -1 } },
    { $limit: MAX_COUNTED },
    { $project: { subject: 1, reason: 1, timestamp: 1 } },
  ]);
  const [newest] = letters;
  if (!newest) return [];
  const count = letters.length === MAX_COUNTED ? `${MAX_COUNTED} or more` : String(letters.length);
  return [
    {
      ...{ rule, subject: {}, at: now },
      sentence: `${count} ${letters.length === 1 ? "message" : "messages"} could not be recorded and must be looked at; the newest, of ${newest.subject}, because: ${newest.reason}`,
      evidence: {
        ...{ count: letters.length, newest: { subject: newest.subject, reason: newest.reason, at: newest.timestamp } },
        links: [linkTo("/governance/dead-letters", { status: "dead" })],
      },
    },
  ];
};
