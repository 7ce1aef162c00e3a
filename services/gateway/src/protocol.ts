/** Versions of the `initialize` era, newest first. */
export const VERSIONS = ["2025-11-25", "2025-06-18", "2025-03-26", "2024-11-05"] as const;

export const LATEST_VERSION = VERSIONS[0];

/** How the gateway introduces itself to both sides. */
export const GATEWAY_INFO = { name: "mcp-governance-bridge", title: "MCP Governance Bridge", version: "0.1.0" };

/** Key of `_meta` in a denial's result. */
export const DENIAL_META = "mcp-governance-bridge/denial";

/** Log levels of MCP, least severe first. */
export const LOG_LEVELS = ["debug", "info", "notice", "warning", "error", "critical", "alert", "emergency"];
