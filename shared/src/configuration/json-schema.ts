import { z } from "zod";
import { ConfigurationFile } from "./file-schema.ts";

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
