export { checkPattern } from "@mcp-governance-bridge/shared/patterns";
