import { connectCaller } from "./demo/caller.ts";
import { type DemoGateway, findOrStartGateway } from "./demo/gateway.ts";
import { tell } from "./demo/story.ts";
import { compare, readTrail, trailTable } from "./demo/trail.ts";

const say = (line: string): void => console.log(line);

/** Drives a real client against the gateway, and returns what was not as it must be. */
async function demonstrate({ baseUrl }: DemoGateway): Promise<string[]> {
  const caller = await connectCaller(`${baseUrl}/mcp`, say);
  try {
    say("");
    const surprises = await tell(caller, say);
    const trail = await readTrail(baseUrl, caller);
    say(`\nThe trail of these calls, from ${baseUrl}/governance/tool-logs:\n\n${trailTable(trail)}\n`);
    return [...surprises, ...compare(trail, caller)];
  } finally {
    await caller.close();
  }
}

const gateway = await findOrStartGateway(say);
const surprises = await demonstrate(gateway).finally(() => gateway.close());
for (const surprise of surprises) console.error(`NOT AS IT SHOULD BE: ${surprise}`);
process.exitCode = surprises.length === 0 ? 0 : 1;
