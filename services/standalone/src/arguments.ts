import { parseArgs } from "node:util";
import { EXIT_BAD_CONFIGURATION, StartupError } from "@mcp-governance-bridge/shared";

export const USAGE = `Usage: npm start -- [--config FILE] [--data DIR] [--host ADDRESS]

  --config FILE    the configuration (default: mcp_governance_config.json here, else config/mcp_governance_config.json)
  --data DIR       where records are kept (default: .data)
  --host ADDRESS   address to bind (default: 127.0.0.1)
  --help           this text`;

export interface Arguments {
  config: string | undefined;
  data: string;
  host: string;
  help: boolean;
}

/** The command line of `npm start`. Throws a StartupError with exit status 2 for one that makes no sense. */
export function readArguments(args: readonly string[]): Arguments {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        config: { type: "string" },
        data: { type: "string", default: ".data" },
        host: { type: "string", default: "127.0.0.1" },
        help: { type: "boolean", default: false },
      },
    });
    return { config: values.config, data: values.data, host: values.host, help: values.help };
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new StartupError(`${reason}\n\n${USAGE}`, EXIT_BAD_CONFIGURATION);
  }
}
