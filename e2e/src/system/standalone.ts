import { join } from "node:path";
import { serviceMain } from "../paths.ts";
import type { Settings } from "./configuration.ts";
import { type System, startSystem } from "./system.ts";

export interface StandaloneOptions {
  env?: Readonly<Record<string, string>>;
  /** What answers 200 when the start is over; for a system that will never be ready. */
  readyPath?: string;
}

/** The whole product in one process on embedded parts; ready when this resolves. */
export function startStandalone(
  settings: Settings,
  { env = {}, readyPath = "/readyz" }: StandaloneOptions = {},
): Promise<System> {
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
      readyUrl: `http://127.0.0.1:${basePort}${readyPath}`,
    },
  ]);
}
