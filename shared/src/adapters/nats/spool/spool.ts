import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import type { Registry } from "prom-client";
import type { Published } from "../../../events.ts";
import type { Closable } from "../../../lifecycle.ts";
import type { Log } from "../../../log.ts";
import type { Message } from "../publisher.ts";
import { startAdoption } from "./adoption.ts";
import { createDiversion } from "./diversion.ts";
import { openSpoolFolder, type SpoolFolderOptions } from "./folder.ts";
import { openFolders } from "./folders.ts";
import { createForward, type Outlet } from "./forward.ts";
import { measureSpool } from "./metrics.ts";

/** A place on this machine's disk for what NATS does not take. */
export interface SpoolSettings {
  /** May be shared by all replicas on one machine: each has folders of its own there, and delivers those of the dead. */
  directory: string;
  /** Bytes that this process may have waiting; above it publishing is refused. */
  maxBytes: number;
  /** Begins the names of its folders; the host's name by default. */
  instance?: string;
  /** Milliseconds after which a process that does not renew its lease counts as dead; 2,000 at least. */
  leaseMs?: number;
  /** Milliseconds between looks for folders of the dead. */
  lookMs?: number;
}

export interface SpoolOptions extends SpoolSettings {
  log: Log;
  registry?: Registry | undefined;
  /** Packs and sends straight to JetStream. */
  send: (message: Message) => Promise<void>;
  /** Sends a message as it is. */
  sendPack: Outlet["send"];
  wireBytes: Outlet["wireBytes"];
}

export interface Spool extends Closable {
  /** Resolves once JetStream has the message or it is on this disk; rejects with `audit.unavailable`. */
  send(message: Message): Promise<void>;
  readonly accepting: boolean;
}

/** Resolves when the directory is there and this process has its lease; nothing else is written while NATS takes all. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  const { directory, maxBytes, instance = hostname(), leaseMs = 15_000, lookMs = 30_000 } = options;
  const { log, registry, send, sendPack, wireBytes } = options;
  const ending = new AbortController();
  const { signal } = ending;
  const outlet = { send: sendPack, wireBytes, signal };
  const owner = `${instance.replaceAll(/[^\w-]/g, "_")}-${randomUUID()}`;
  const folders = await openFolders({ directory, owner, leaseMs, log });
  const metrics = measureSpool(registry, folders.bytes);

  const openFolder = (path: string, handlers: Pick<SpoolFolderOptions, "deliver" | "onDelivered">) =>
    openSpoolFolder({ path, maxBytes, log, ...handlers });
  const diversion = createDiversion({ open: (handlers) => openFolder(folders.another(), handlers), outlet, log });
  const adopted = { deliver: createForward(outlet) };
  const adoption = startAdoption({
    folders,
    open: (path) => openFolder(path, adopted),
    everyMs: lookMs,
    signal,
    log,
  });
  const watch = setInterval(diversion.check, lookMs);
  watch.unref();

  async function keep({ subject, payload }: Message): Promise<void> {
    try {
      await diversion.keep({ subject, event: JSON.parse(payload) } as Published);
      metrics.kept();
    } catch (error) {
      metrics.refused();
      throw error;
    }
  }

  function sendDirect(message: Message): Promise<void> {
    return send(message).catch((error: unknown) => {
      if (!diversion.active) log.warn({ err: error }, "NATS does not take a fact: facts go to the spool");
      return keep(message);
    });
  }

  async function sendInTurn(message: Message): Promise<void> {
    await diversion.turn();
    await (diversion.active ? keep(message) : sendDirect(message));
  }

  return {
    send: (message) => (diversion.active ? sendInTurn(message) : sendDirect(message)),
    get accepting() {
      return diversion.accepting;
    },
    async close() {
      clearInterval(watch);
      ending.abort();
      await adoption.close();
      await diversion.close();
      await folders.close();
    },
  };
}
