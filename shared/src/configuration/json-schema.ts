import { z } from "zod";
import { ConfigurationFile } from "./file-schema.ts";
import { PatternPack } from "./policy-document.ts";

/** The configuration file's JSON Schema, as editors and other tools read it. */
export function configurationJsonSchema(): z.core.JSONSchema.JSONSchema {
  const schema = z.toJSONSchema(ConfigurationFile, {
    io: "input",
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
    },
  });
  return { ...schema, title: "MCP governance bridge configuration" };
}

/** The JSON Schema of a pattern pack, a file of `governance.pattern_pack_files`. */
export function patternPackJsonSchema(): z.core.JSONSchema.JSONSchema {
  return { ...z.toJSONSchema(PatternPack, { io: "input" }), title: "Pattern pack of the MCP governance bridge" };
}
