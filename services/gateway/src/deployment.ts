import { setTimeout as delay } from "node:timers/promises";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { Configuration, Server } from "@mcp-governance-bridge/shared/configuration";
import { KINDS, type Kind } from "./catalogue/catalogue.ts";
import { View } from "./catalogue/view.ts";
import type { Listener } from "./http/listener.ts";
import type { Notifications } from "./relay/notifications.ts";
import type { Upstream, UpstreamListener } from "./upstream/upstream.ts";
import { isReachedAlike, type Place, portsOf } from "./upstreams.ts";

export interface DeploymentOptions {
  createUpstream(server: Server, previous?: Upstream): Upstream;
  /** Opens a port on which clients see what the view has. */
  open(port: number, view: View): Promise<Listener>;
  hearing: UpstreamListener;
  notifications: Pick<Notifications, "listsChanged" | "replaced">;
  /** Resolves when no call is under way, at the latest after so many milliseconds. */
  drained(patienceMs: number): Promise<number>;
  log: Log;
}

interface OpenPlace extends Place {
  port: number;
  listener: Listener;
}

/** The upstreams of a configuration, by its servers, in its order. */
type Upstreams = ReadonlyMap<Server, Upstream>;

const DRAIN_MS = 5_000;
/** An upstream that takes another's place gets this long to be ready for calls. */
const READY_MS = 5_000;
const LOOK_MS = 20;

/** The listeners and upstreams that a configuration asks for, and the way from one configuration to the next. */
export class Deployment {
  upstreams: readonly Upstream[] = [];
  places: readonly OpenPlace[] = [];
  readonly #options: DeploymentOptions;
  /** What has left the configuration and is not closed yet. */
  readonly #leaving = new Set<Promise<unknown>>();
  #isStopping = false;

  constructor(options: DeploymentOptions) {
    this.#options = options;
  }

  /** Opens every port and begins to connect the upstreams, waiting for none of them. */
  async start(configuration: Configuration): Promise<void> {
    const upstreams = this.#upstreamsFor(configuration);
    this.upstreams = [...upstreams.values()];
    for (const upstream of this.upstreams) upstream.start(this.#options.hearing);
    for (const [port, served] of portsOf(configuration, upstreams)) {
      this.places = [...this.places, await this.#open(port, served)];
    }
  }

  /**
   * Goes over to another configuration. Upstreams that are reached as before keep their connections; what leaves is closed
   * once its calls have ended. `adopt` is called at the moment of the change. Rejects with everything as it was when a
   * port cannot be had.
   */
  async change(configuration: Configuration, adopt: () => void): Promise<void> {
    const { hearing } = this.#options;
    const upstreams = this.#upstreamsFor(configuration);
    const ports = portsOf(configuration, upstreams);
    const opened = await this.#openFurther(ports);
    const next = [...upstreams.values()];
    const added = next.filter((upstream) => !this.upstreams.includes(upstream));
    for (const upstream of added) upstream.start(hearing);
    await this.#ready(added.filter(({ server }) => this.#named(server.name) && !server.disabled));
    adopt();
    for (const [server, upstream] of upstreams) if (upstream.server !== server) upstream.configure(server);
    this.#leave(next, ports);
    this.upstreams = next;
    this.places = [...this.places.filter(({ port }) => ports.has(port)), ...opened];
    for (const place of this.places) this.#show(place, ports.get(place.port) ?? []);
  }

  /** Takes no new connection and waits for no upstream; answers under way go on. */
  stop(): void {
    this.#isStopping = true;
    for (const { listener } of this.places) listener.stop();
  }

  async closeUpstreams(): Promise<void> {
    await Promise.all(this.upstreams.map((upstream) => upstream.close()));
  }

  async closeListeners(): Promise<void> {
    await Promise.all([...this.places.map(({ listener }) => listener.close()), ...this.#leaving]);
  }

  #named(name: string): Upstream | undefined {
    return this.upstreams.find(({ server }) => server.name === name);
  }

  #upstreamsFor({ servers }: Configuration): Upstreams {
    return new Map(
      servers.map((server) => {
        const present = this.#named(server.name);
        if (present && isReachedAlike(present.server, server)) return [server, present];
        return [server, this.#options.createUpstream(server, present)];
      }),
    );
  }

  async #open(port: number, served: readonly Upstream[]): Promise<OpenPlace> {
    const view = new View(served, this.#options.log);
    return { name: String(port), port, view, listener: await this.#options.open(port, view) };
  }

  /** The places of ports that are not open yet: all of them or, when one cannot be had, none. */
  async #openFurther(ports: ReadonlyMap<number, readonly Upstream[]>): Promise<OpenPlace[]> {
    const further = [...ports].filter(([port]) => !this.places.some((place) => place.port === port));
    const opened = await Promise.all(further.map(([port, served]) => this.#open(port, served)));
    const failed = opened.filter(({ listener }) => listener.failure !== undefined);
    if (failed.length === 0) return opened;
    await Promise.all(opened.map(({ listener }) => listener.close()));
    const why = failed.map(({ port, listener: { failure } }) => `port ${port}: ${failure}`).join("; ");
    throw new GovernanceError("internal", `cannot listen: ${why}`);
  }

  async #ready(upstreams: readonly Upstream[]): Promise<void> {
    const end = performance.now() + READY_MS;
    const isMissing = () => upstreams.some(({ state }) => state !== "connected");
    while (isMissing() && !this.#isStopping && performance.now() < end) await delay(LOOK_MS);
  }

  #leave(next: readonly Upstream[], ports: ReadonlyMap<number, unknown>): void {
    const { notifications, drained } = this.#options;
    for (const upstream of this.upstreams.filter((each) => !next.includes(each))) {
      const successor = next.find(({ server }) => server.name === upstream.server.name);
      notifications.replaced(upstream, successor);
      this.#finish(upstream.retire(DRAIN_MS));
    }
    for (const { port, listener } of this.places) {
      if (ports.has(port)) continue;
      listener.stop();
      this.#finish(drained(DRAIN_MS).then(() => listener.close()));
    }
  }

  #finish(leaving: Promise<unknown>): void {
    const left = leaving
      .catch((error: unknown) => this.#options.log.error({ err: error }, "what left the configuration did not close"))
      .finally(() => this.#leaving.delete(left));
    this.#leaving.add(left);
  }

  /** Clients are told of the lists that are not what they were. */
  #show({ name, view }: Place, served: readonly Upstream[]): void {
    const kinds = Object.keys(KINDS) as Kind[];
    const before = kinds.map((kind) => view.listing(kind).text);
    view.show(served);
    const changed = kinds.filter((kind, index) => view.listing(kind).text !== before[index]);
    const methods = new Set(changed.map((kind) => KINDS[kind].changed));
    this.#options.notifications.listsChanged(new Set([name]), [...methods]);
  }
}
