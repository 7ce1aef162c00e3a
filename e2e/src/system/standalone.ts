import { join } from "node:path";
import { serviceMain } from "../paths.ts";
import type { Settings } from "./configuration.ts";
import { type System, startSystem } from "./system.ts";

/** The whole product in one process on embedded parts; ready when this resolves. */
export function startStandalone(settings: Settings, env: Readonly<Record<string, string>> = {}): Promise<System> {
  return startSystem(settings, async ({ folder, basePort, configFile }) => [
    {
      command: {
        name: "standalone",
        command: process.execPath,
        args: [
          serviceMain("standalone"),
          ...["--config", configFile],
          ...["--data", join(folder, "data")],
          ...["--host", "127.0.0.1"],
        ],
        env,
        cwd: folder,
      },
      readyUrl: `http://127.0.0.1:${basePort}/readyz`,
    },
  ]);
}
