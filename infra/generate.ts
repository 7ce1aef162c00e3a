import { readFileSync, writeFileSync } from "node:fs";
import { configurationJsonSchema, patternPackJsonSchema } from "../shared/src/configuration/json-schema.ts";
import { configurationPage } from "./generate/configuration-page.ts";
import { errorsPage } from "./generate/errors-page.ts";
import { eventsPage } from "./generate/events-page.ts";
import { governanceApiDocument } from "./generate/openapi-document.ts";

const documents: Readonly<Record<string, () => string>> = {
  "docs/events.md": eventsPage,
  "docs/errors.md": errorsPage,
  "docs/configuration.md": configurationPage,
  "docs/openapi.json": () => jsonText(governanceApiDocument()),
  "config/mcp_governance_config.schema.json": () => jsonText(configurationJsonSchema()),
  "config/pattern_pack.schema.json": () => jsonText(patternPackJsonSchema()),
};

const root = new URL("../", import.meta.url);
const check = process.argv.includes("--check");

for (const [file, generate] of Object.entries(documents)) {
  const text = generate();
  if (text === contentOf(file)) continue;
  if (check) {
    console.error(`${file} is stale: run \`npm run generate\``);
    process.exitCode = 1;
  } else {
    writeFileSync(new URL(file, root), text);
    console.log(`wrote ${file}`);
  }
}

function jsonText(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function contentOf(file: string): string | undefined {
  try {
    return readFileSync(new URL(file, root), "utf8");
  } catch {
    return undefined;
  }
}
