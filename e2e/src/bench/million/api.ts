import { until } from "../../system/until.ts";

/** The governance API of a record. */
export interface Api {
  /** The body of the answer. Rejects where it is none that a page would show. */
  get<Data = unknown>(path: string): Promise<{ data: Data; next?: string }>;
}

/** More than the calls were made in. */
const ALL_HOURS = 768;

export function apiAt(url: string): Api {
  return {
    async get<Data>(path: string) {
      const response = await fetch(`${url}${path}`);
      const body = await response.text();
      if (response.status !== 200) throw new Error(`${path}: ${response.status} ${body.slice(0, 200)}`);
      return JSON.parse(body) as { data: Data; next?: string };
    },
  };
}

interface Health {
  parts: { pipeline: { backlog?: { waiting: number } } };
}
interface Covered {
  fresh_to: string | null;
  summary: { total_calls: number };
}

const PATIENCE_MS = 3_600_000;

/** Resolves once nothing waits to be recorded. */
export async function allRecorded(api: Api): Promise<void> {
  const isEmpty = async (): Promise<boolean> => {
    const { data } = await api.get<Health>("/governance/health");
    return data.parts.pipeline.backlog?.waiting === 0;
  };
  await until(isEmpty, { what: "all is recorded", withinMs: PATIENCE_MS, everyMs: 250 });
}

/** Resolves to the number of calls that the figures of all spans count, once they count what is on record. */
export async function figuresMade(api: Api): Promise<number> {
  const since = Date.now();
  const covered = async (hours: number): Promise<Covered> =>
    (await api.get<Covered>(`/governance/metrics?hours=${hours}`)).data;
  const areFresh = async (): Promise<boolean> => {
    const all = await Promise.all([2, 72, ALL_HOURS].map(covered));
    return all.every(({ fresh_to: fresh }) => fresh !== null && Date.parse(fresh) >= since);
  };
  await until(areFresh, { what: "the figures are made", withinMs: PATIENCE_MS, everyMs: 1_000 });
  return (await covered(ALL_HOURS)).summary.total_calls;
}
