/** Where Redis is. */
export interface RedisAddress {
  isCluster: boolean;
  /** At least one; of a cluster any of its nodes. */
  nodes: readonly { host: string; port: number }[];
  login: { username?: string; password?: string; tls?: Record<string, never> };
}

const CLUSTER = /^(rediss?)\+cluster:\/\/(?:([^@/]*)@)?([^@/]+)\/?$/;
const DEFAULT_PORT = 6_379;

/** `redis://host:6379` for one server, `redis+cluster://host:6379,other:6379` for a cluster; `rediss` for TLS. Throws for anything else. */
export function parseRedisUrl(text: string): RedisAddress {
  const [, scheme, login, hosts] = CLUSTER.exec(text) ?? [];
  const urls = hosts
    ? hosts.split(",").map((host) => new URL(`${scheme}://${login ? `${login}@` : ""}${host}`))
    : [new URL(text)];
  const [first] = urls;
  if (!first || !urls.every(isServer)) throw new TypeError("is no URL of Redis");
  return { isCluster: hosts !== undefined, nodes: urls.map(nodeOf), login: loginOf(first) };
}

function isServer({ protocol, hostname }: URL): boolean {
  return (protocol === "redis:" || protocol === "rediss:") && hostname !== "";
}

function nodeOf({ hostname, port }: URL): { host: string; port: number } {
  return { host: hostname.replace(/^\[(.*)\]$/, "$1"), port: Number(port || DEFAULT_PORT) };
}

function loginOf({ protocol, username, password }: URL): RedisAddress["login"] {
  return {
    ...(username && { username: decodeURIComponent(username) }),
    ...(password && { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" && { tls: {} }),
  };
}
