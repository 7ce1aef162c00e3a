import type { Caller } from "./caller.ts";

/** One call of the demo and how it must end: with a result, or denied with this code. */
interface Step {
  tool: string;
  args: Record<string, unknown>;
  denied?: string;
}

/** The example's limit for `everything` is 30 calls a minute. */
const MOST_CALLS_TO_LIMIT = 31;

function steps(folder: string): Step[] {
  const path = `${folder}/demo`;
  const entity = { name: "Demo", entityType: "event", observations: ["ran through the gateway"] };
  return [
    { tool: "everything_echo", args: { message: "hello" } },
    { tool: "everything_get-sum", args: { a: 2, b: 3 } },
    { tool: "files_create_directory", args: { path } },
    { tool: "files_list_directory", args: { path: folder } },
    { tool: "memory_create_entities", args: { entities: [entity] } },
    { tool: "memory_read_graph", args: {} },
    { tool: "night_echo", args: { message: "anybody there?" }, denied: "time_restriction" },
    { tool: "everything_echo", args: { message: "about project bluebird" }, denied: "security_pattern" },
    {
      tool: "memory_delete_entities",
      args: { entityNames: ["Demo"] },
      denied: "high_security_sensitive_operation",
    },
    // It says of itself that it destroys (destructiveHint).
    {
      tool: "files_write_file",
      args: { path: `${path}/hello.txt`, content: "hello" },
      denied: "high_security_sensitive_operation",
    },
    {
      tool: "files_create_directory",
      args: { path: `${path}/${"x".repeat(10_001)}` },
      denied: "high_security_parameter_size",
    },
    { tool: "everything_get-env", args: {}, denied: "policy_rule" },
  ];
}

/** Makes every call of the demo and returns what did not end as it must. */
export async function tell(caller: Caller, say: (line: string) => void): Promise<string[]> {
  const listed = await caller.callPatiently("files_list_allowed_directories", {});
  const folder = listed.text.trim().split("\n").at(-1) ?? "";
  const surprises: string[] = [];
  for (const { tool, args, denied } of steps(folder)) {
    const { text, code } = await caller.callPatiently(tool, args);
    say(`${code ? "denied   " : "permitted"}  ${tool}: ${oneLine(text)}`);
    if (code !== denied) surprises.push(`${tool} ended with ${code ?? "a result"} instead of ${denied ?? "a result"}`);
  }
  if (!(await reachLimit(caller, say))) surprises.push(`no rate limit in ${MOST_CALLS_TO_LIMIT} calls`);
  return surprises;
}

async function reachLimit(caller: Caller, say: (line: string) => void): Promise<boolean> {
  for (let calls = 1; calls <= MOST_CALLS_TO_LIMIT; calls += 1) {
    const { text, code } = await caller.call("everything_echo", { message: `call ${calls}` });
    if (code === undefined) continue;
    say(`denied     everything_echo, after ${calls - 1} more calls: ${oneLine(text)}`);
    return code === "rate_limit";
  }
  return false;
}

function oneLine(text: string): string {
  const line = text.replace(/\s+/g, " ");
  return line.length > 90 ? `${line.slice(0, 89)}…` : line;
}
