/** Which sessions watch which resource of one upstream. */
export class Subscriptions {
  readonly #sessions = new Map<string, Set<string>>();

  add(uri: string, sessionId: string): void {
    const sessions = this.#sessions.get(uri);
    if (sessions) sessions.add(sessionId);
    else this.#sessions.set(uri, new Set([sessionId]));
  }

  /** True when nobody watches the resource any more, though somebody did. */
  remove(uri: string, sessionId: string): boolean {
    const sessions = this.#sessions.get(uri);
    if (!sessions?.delete(sessionId) || sessions.size > 0) return false;
    return this.#sessions.delete(uri);
  }

  /** Ends all of a session; returns the resources that nobody watches any more. */
  removeSession(sessionId: string): string[] {
    return this.uris().filter((uri) => this.remove(uri, sessionId));
  }

  watching(uri: string): ReadonlySet<string> {
    return this.#sessions.get(uri) ?? new Set();
  }

  uris(): string[] {
    return [...this.#sessions.keys()];
  }
}
