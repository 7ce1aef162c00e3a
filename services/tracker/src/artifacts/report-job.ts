import { randomUUID } from "node:crypto";
import type { RecordStore } from "../record-store.ts";
import { renderReport } from "../report/html.ts";
import type { Report } from "../report/report.ts";
import { type Artifact, type ArtifactFile, isWanted } from "./artifact.ts";
import { contentOf, measure } from "./content.ts";
import type { Made } from "./export-job.ts";

interface ReportContext {
  store: RecordStore;
  report(order: {
    from: Date;
    to: Date;
    servers?: string[] | undefined;
    by: string;
    signal: AbortSignal;
  }): Promise<Report>;
}

/** Makes a report from the beginning: until all of it is known, there is nothing to keep. */
export async function makeReport(
  { store, report }: ReportContext,
  artifact: Artifact,
  signal: AbortSignal,
): Promise<Made | undefined> {
  const { range, filters, requested_by: by, _id: id } = artifact;
  const model = await report({ ...range, servers: filters.servers, by, signal });
  if (!(await isWanted(store, id))) return undefined;
  const run = randomUUID().slice(0, 8);
  const file = async (view: "json" | "html", media: string, text: string): Promise<ArtifactFile> => {
    const content = `${id}.${view}.${run}`;
    await contentOf<null>({ store, artifact, content, run }).keep(0, { text, state: null }, []);
    const segments = [{ content, pages: 1 }];
    return { view, name: fileName(artifact, view), media_type: media, segments, ...(await measure(store, segments)) };
  };
  const files = [
    await file("html", "text/html; charset=utf-8", renderReport(model)),
    await file("json", "application/json", JSON.stringify(model)),
  ];
  return { files, records: model.calls.total };
}

function fileName({ range }: Artifact, view: string): string {
  const [from, to] = [range.from, range.to].map((date) => date.toISOString().slice(0, 10));
  return `governance-report-${from}-${to}.${view}`;
}
