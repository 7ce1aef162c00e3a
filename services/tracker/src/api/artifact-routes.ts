import type { HonoRequest } from "hono";
import { z } from "zod";
import type { Artifact, ArtifactFile } from "../artifacts/artifact.ts";
import type { Artifacts } from "../artifacts/artifacts.ts";
import type { RecordStore } from "../record-store.ts";
import { ArtifactAnswer, ExportBody, ListQuery, One, ReportBody, renderArtifact } from "./artifact-routes-schemas.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";
import { readPage } from "./page.ts";

interface ArtifactRoutesOptions {
  store: Pick<RecordStore, "aggregate">;
  artifacts: Artifacts;
  /** Who asks, as far as is known. */
  who(request: HonoRequest): string;
}

type Kind = Artifact["kind"];

/** Exports and compliance reports: ordered, listed, looked at, fetched and taken back. */
export function artifactRoutes(options: ArtifactRoutesOptions): Endpoint[] {
  const { artifacts } = options;
  return [
    exportRoute(options),
    reportRoute(options),
    ...(["export", "report"] as const).flatMap((kind) => [
      listRoute(options, kind),
      oneRoute(artifacts, kind),
      cancelRoute(artifacts, kind),
    ]),
    fileRoute(artifacts, { kind: "export", view: "download", media: "*/*", summary: "The file of an export" }),
    fileRoute(artifacts, {
      kind: "report",
      view: "html",
      media: "text/html",
      summary: "A report as a page to read or print",
    }),
    fileRoute(artifacts, { kind: "report", view: "json", media: "application/json", summary: "A report as JSON" }),
  ];
}

function exportRoute({ artifacts, who }: ArtifactRoutesOptions): Endpoint {
  return endpoint({
    method: "POST",
    path: "/governance/exports",
    summary: "Orders an export of the record with what proves it, and answers at once with its `id`",
    access: "trail",
    body: ExportBody,
    data: ArtifactAnswer,
    async answer({ body: { server_name, principal, ...body }, request }) {
      const filters = {
        ...(server_name !== undefined && { server_name }),
        ...(principal !== undefined && { principal }),
      };
      return { json: renderArtifact(await artifacts.orderExport({ ...body, filters, by: who(request) })) };
    },
  });
}

function reportRoute({ artifacts, who }: ArtifactRoutesOptions): Endpoint {
  return endpoint({
    method: "POST",
    path: "/governance/reports",
    summary: "Orders a compliance report, and answers at once with its `id`",
    access: "trail",
    body: ReportBody,
    data: ArtifactAnswer,
    async answer({ body, request }) {
      return { json: renderArtifact(await artifacts.orderReport({ ...body, by: who(request) })) };
    },
  });
}

function listRoute({ store }: ArtifactRoutesOptions, kind: Kind): Endpoint {
  return endpoint({
    method: "GET",
    path: `/governance/${kind}s`,
    summary: kind === "export" ? "Exports, newest first" : "Compliance reports, newest first",
    access: "open",
    query: ListQuery,
    data: z.array(ArtifactAnswer),
    async answer({ query: { limit, cursor, status } }) {
      const match = { kind, ...(status && { status }) };
      const page = await readPage(store, { collection: "artifacts", match, filters: match, limit, cursor });
      const texts = page.documents.map((document) => renderArtifact(document as unknown as Artifact));
      return { json: `[${texts.join(",")}]`, next: page.next };
    },
  });
}

function oneRoute(artifacts: Artifacts, kind: Kind): Endpoint {
  return endpoint({
    method: "GET",
    path: `/governance/${kind}s/:id`,
    summary: `How far the making of ${kind === "export" ? "an export" : "a report"} has come`,
    access: "open",
    params: One,
    data: ArtifactAnswer,
    answer: async ({ params: { id } }) => ({ json: renderArtifact(await artifacts.find(kind, id)) }),
  });
}

function cancelRoute(artifacts: Artifacts, kind: Kind): Endpoint {
  return endpoint({
    method: "DELETE",
    path: `/governance/${kind}s/:id`,
    summary: "Ends the making of it and removes its content; that it was ordered stays listed",
    access: "change",
    params: One,
    data: ArtifactAnswer,
    answer: async ({ params: { id } }) => ({ json: renderArtifact(await artifacts.cancel(kind, id)) }),
  });
}

interface File {
  kind: Kind;
  view: ArtifactFile["view"];
  media: string;
  summary: string;
}

function fileRoute(artifacts: Artifacts, { kind, view, media, summary }: File): Endpoint {
  return endpoint({
    method: "GET",
    path: `/governance/${kind}s/:id/${view}`,
    summary,
    access: "trail",
    params: One,
    data: { media },
    errors: ["artifact.unfinished"],
    async answer({ params: { id } }) {
      const { file, text } = await artifacts.open(kind, id, view);
      return { response: new Response(ReadableStream.from(bytesOf(text)), { headers: headersOf(file) }) };
    },
  });
}

/** Read as fast as they are sent, and no faster. */
async function* bytesOf(text: AsyncIterable<string>): AsyncGenerator<Uint8Array, void, undefined> {
  const encoder = new TextEncoder();
  for await (const piece of text) yield encoder.encode(piece);
}

function headersOf({ view, name, media_type, size, digest }: ArtifactFile): Record<string, string> {
  const disposition = view === "html" ? "inline" : "attachment";
  return {
    "content-type": media_type,
    "content-length": String(size),
    "content-disposition": `${disposition}; filename="${name}"`,
    "repr-digest": `sha-256=:${Buffer.from(digest, "hex").toString("base64")}:`,
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
  };
}
