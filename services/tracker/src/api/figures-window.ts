import { z } from "zod";
import type { RecordStore } from "../record-store.ts";
import type { KeptDays } from "../usage/expiry.ts";
import { SPANS, type Span } from "../usage/figures.ts";
import { readFreshness } from "../usage/marks.ts";
import { type AskedWindow, MAX_HOURS, type Window, windowOf } from "../usage/window.ts";
import { numeric, period } from "./parameters.ts";

/** What questions on figures are answered from. */
export interface FiguresSource {
  store: Pick<RecordStore, "aggregate">;
  /** `governance.retention` as it is in force. */
  retention(): KeptDays;
  now(): Date;
}

/** Parameters of every question on figures. A schema that has them has `checkPeriod` too. */
export const window = {
  hours: numeric
    .pipe(z.number().gt(0, "must be above 0").max(MAX_HOURS, "must be at most 8784, which are 366 days"))
    .optional()
    .meta({ type: "number", exclusiveMinimum: 0, maximum: MAX_HOURS })
    .describe("The last so many hours (24 where neither from nor to is given)"),
  from: period.from,
  to: period.to,
};

export const SpanName = z.enum(Object.keys(SPANS) as [Span, ...Span[]]);

/** What the figures really cover. */
export const covered = {
  from: z.iso.datetime().describe("Beginning of what the figures cover: what was asked for, widened to whole spans"),
  to: z.iso.datetime().describe("End of it, exclusive"),
  span: SpanName.describe("The spans that were added up: of minutes for up to 2 hours, of hours for up to 72"),
  fresh_to: z.iso
    .datetime()
    .nullable()
    .describe("Everything that was on record then is counted; null where nothing has been counted yet"),
};

export interface Covered {
  from: Date;
  to: Date;
  span: Span;
  fresh_to: Date | null;
}

/** The window that answers, and what to say of it. */
export async function coveredBy(
  { store, retention, now }: FiguresSource,
  { hours, from, to }: AskedWindow,
  spans: { least?: Span | undefined; span?: Span | undefined } = {},
): Promise<{ window: Window; covers: Covered }> {
  const window = windowOf({ hours, from, to }, { now: now(), kept: retention(), ...spans });
  const freshness = await readFreshness(store);
  return { window, covers: { ...window, fresh_to: freshness[window.span] } };
}
