import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository's root, seen from `src` and from `dist` alike. */
export const root: string = fileURLToPath(new URL("../../", import.meta.url));

/** The compiled main of a service. */
export const serviceMain = (name: string): string => join(root, "services", name, "dist/main.js");

/** The compiled main of one of our own fixture upstreams. */
export const fixture = (name: string): string => join(root, "e2e/dist/upstreams", `${name}.js`);

/** The main of one of the protocol's reference servers. */
export const referenceServer = (name: string): string =>
  join(root, "node_modules/@modelcontextprotocol", `server-${name}`, "dist/index.js");

/** A command that a package of `node_modules` installs. */
export const installedCommand = (name: string): string => join(root, "node_modules/.bin", name);
