import { createLive } from "../../services/tracker/src/api/live.ts";
import { openApiDocument, withDocuments } from "../../services/tracker/src/api/openapi.ts";
import { governanceRoutes } from "../../services/tracker/src/api/routes.ts";

/** docs/openapi.json: the governance API. Nothing is asked, so that there need be nobody to answer. */
export function governanceApiDocument(): object {
  const nobody = {} as never;
  const live = createLive({ bus: nobody });
  const sources = { store: nobody, policy: nobody, letters: nobody, artifacts: nobody, alerts: nobody, health: nobody };
  return openApiDocument(withDocuments(governanceRoutes({ ...sources, retention: nobody, live, who: nobody })));
}
