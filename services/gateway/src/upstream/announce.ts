import { randomUUID } from "node:crypto";
import type { EventPublisher, Log, UpstreamState } from "@mcp-governance-bridge/shared";
import type { Server } from "@mcp-governance-bridge/shared/configuration";
import type { Item } from "../catalogue/catalogue.ts";
import { publicName } from "../catalogue/names.ts";

export interface AnnounceOptions {
  /** As it is configured at this moment. */
  server: () => Server;
  publisher: EventPublisher;
  log: Log;
}

/** Tells the log and the tracker what becomes of an upstream and what tools it has. */
export function announcer({ server, publisher, log }: AnnounceOptions) {
  const fact = () => ({ id: randomUUID(), at: new Date().toISOString(), server: server().name });
  let known = "";

  return {
    state(state: UpstreamState, reason: string | null): void {
      if (state === "disconnected") log.warn({ reason }, "upstream lost, trying again");
      else log.info({ state }, "upstream");
      publisher.tell("governance.upstream.changed", { ...fact(), state, reason });
    },

    /** Silent when the tools and their public names are what they were. */
    tools(items: readonly Item[]): void {
      const tools = items.map(({ key, text, value }) => ({
        name: key,
        publicName: publicName(server(), key),
        description: typeof value.description === "string" ? value.description : "",
        definition: text,
      }));
      const told = tools.map(({ publicName: name, definition }) => `${name} ${definition}`).join();
      if (told === known) return;
      known = told;
      publisher.tell("governance.catalogue.changed", { ...fact(), tools });
    },
  };
}
