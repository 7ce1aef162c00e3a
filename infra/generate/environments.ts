import type { z } from "zod";
import { Env as gateway } from "../../services/gateway/src/config.ts";
import { Env as policy } from "../../services/policy/src/config.ts";
import { Env as standalone } from "../../services/standalone/src/config.ts";
import { Env as tracker } from "../../services/tracker/src/config.ts";

/** What each service takes from its environment. A new service adds a line. */
export const environments: Readonly<Record<string, z.ZodObject>> = { gateway, policy, tracker, standalone };
