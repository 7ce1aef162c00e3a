import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { GovernanceError, type Log } from "@mcp-governance-bridge/shared";
import type { UpstreamTransport } from "@mcp-governance-bridge/shared/configuration";
import { oneLine } from "../jsonrpc/compose.ts";
import { readUpstreamMessage } from "../jsonrpc/message.ts";
import type { Connect, Connection, ConnectionEvents } from "./connection.ts";
import { splitLines } from "./lines.ts";

type Stdio = Extract<UpstreamTransport, { kind: "stdio" }>;

/** What a child gets of our environment; everything else of ours stays with us. */
const INHERITED = ["HOME", "LOGNAME", "PATH", "SHELL", "TERM", "USER", "LANG", "LC_ALL", "TZ", "TMPDIR"];

const MAX_LINE = 32 * 1024 * 1024;
const MAX_LOGGED = 2_000;
/** A child that does not leave when its input ends is asked after this, and killed after twice this. */
const PATIENCE_MS = 1_000;

export interface StdioOptions {
  transport: Stdio;
  /** The environment of this process, of which the child gets a short allow-list. */
  env: NodeJS.ProcessEnv;
  log: Log;
}

/** Runs an MCP server as a child in a process group of its own, one JSON-RPC message a line. */
export function stdioConnect({ transport, env, log }: StdioOptions): Connect {
  return async (events) => {
    const child = spawn(transport.command, transport.args, {
      cwd: transport.cwd,
      env: { ...allowed(env), ...transport.env },
      stdio: ["pipe", "pipe", "pipe"],
      // A group of its own, so that what the child starts is reaped with it.
      detached: true,
    });
    await Promise.race([once(child, "spawn"), once(child, "error").then(([error]) => Promise.reject(error))]);
    return new StdioConnection(child, events, log);
  };
}

function allowed(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(INHERITED.filter((name) => env[name] !== undefined).map((name) => [name, env[name]]));
}

class StdioConnection implements Connection {
  readonly #child: ChildProcess;
  readonly #events: ConnectionEvents;
  readonly #log: Log;
  readonly #exited: Promise<void>;
  #outgoing: string[] = [];

  constructor(child: ChildProcess, events: ConnectionEvents, log: Log) {
    this.#child = child;
    this.#events = events;
    this.#log = log;
    this.#exited = new Promise((resolve) => {
      child.once("exit", () => this.#abandonPipes());
      child.once("close", (code, signal) => {
        events.onClose(signal ? `killed by ${signal}` : `exited with status ${code}`);
        resolve();
      });
    });
    child.on("error", (error) => log.warn({ err: error }, "upstream process"));
    child.stdin?.on("error", () => {});
    if (child.stdout) splitLines(child.stdout, MAX_LINE, (line) => this.#read(line));
    if (child.stderr)
      splitLines(child.stderr, MAX_LINE, (line) => log.info({ stderr: line.slice(0, MAX_LOGGED) }, "upstream says"));
  }

  request(text: string): void {
    this.send(text);
  }

  send(text: string): void {
    // Everything sent within one turn of the event loop leaves in one write.
    if (this.#outgoing.push(`${oneLine(text)}\n`) === 1) setImmediate(() => this.#flush());
  }

  abandon(): void {}

  initialized(): void {}

  async close(): Promise<void> {
    this.#flush();
    this.#child.stdin?.end();
    const terminate = setTimeout(() => this.#signal("SIGTERM"), PATIENCE_MS);
    const kill = setTimeout(() => this.#signal("SIGKILL"), 2 * PATIENCE_MS);
    await this.#exited;
    clearTimeout(terminate);
    clearTimeout(kill);
  }

  #flush(): void {
    if (this.#outgoing.length === 0) return;
    const text = this.#outgoing.join("");
    this.#outgoing = [];
    this.#child.stdin?.write(text);
  }

  #read(line: string): void {
    if (line.trim() === "") return;
    try {
      this.#events.onMessage(readUpstreamMessage(line), undefined);
    } catch (error) {
      // Its length only: what it says may be somebody's data.
      this.#log.warn(
        { why: GovernanceError.from(error).message, length: line.length },
        "upstream wrote a line that is no message",
      );
    }
  }

  /** The end of a child is told once its pipes have ended, and others may hold them open. */
  #abandonPipes(): void {
    // Whatever of the group outlived its leader has nobody left to talk to.
    this.#signal("SIGKILL");
    const { stdout, stderr } = this.#child;
    const letGo = () => {
      stdout?.destroy();
      stderr?.destroy();
    };
    setTimeout(letGo, PATIENCE_MS).unref();
  }

  #signal(signal: NodeJS.Signals): void {
    if (this.#child.pid === undefined) return;
    try {
      process.kill(-this.#child.pid, signal);
    } catch {
      // The group is gone already, which is what was wanted.
    }
  }
}
