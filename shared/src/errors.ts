interface ErrorShape {
  /** JSON-RPC code. Ours lie outside -32768..-32000, which JSON-RPC and MCP keep for themselves. */
  rpc: number;
  /** HTTP status, used where the answer is not a JSON-RPC result: MCP clients drop the body of any status but 200. */
  http: number;
  retryable: boolean;
  meaning: string;
}

/** Every failure that a client or an operator can meet. Documented in docs/errors.md, which is generated from this. */
export const errorTable = {
  "message.unparsable": { rpc: -32700, http: 400, retryable: false, meaning: "the body is not JSON in UTF-8" },
  "message.invalid": {
    rpc: -32600,
    http: 400,
    retryable: false,
    meaning: "the body is no JSON-RPC 2.0 message, or a batch",
  },
  "message.duplicate_key": {
    rpc: -32600,
    http: 400,
    retryable: false,
    meaning: "an object in the body names a member twice",
  },
  "message.too_large": { rpc: -32600, http: 413, retryable: false, meaning: "the body exceeds the limit" },
  "method.unknown": {
    rpc: -32601,
    http: 404,
    retryable: false,
    meaning: "no such method, or not governed by this gateway",
  },
  "params.invalid": {
    rpc: -32602,
    http: 400,
    retryable: false,
    meaning: "unknown tool, prompt, resource or cursor, or bad parameters",
  },
  internal: { rpc: -32603, http: 500, retryable: false, meaning: "a fault of ours; the log has the cause" },
  "policy.denied": { rpc: -31001, http: 403, retryable: false, meaning: "policy denied the call" },
  "policy.unavailable": {
    rpc: -31002,
    http: 503,
    retryable: true,
    meaning: "no decision could be had, so the call is denied",
  },
  "audit.unavailable": {
    rpc: -31003,
    http: 503,
    retryable: true,
    meaning: "the decision could not be recorded, so nothing was forwarded",
  },
  "upstream.unavailable": {
    rpc: -31011,
    http: 502,
    retryable: true,
    meaning: "the upstream is not connected; nothing was sent",
  },
  "upstream.lost": {
    rpc: -31012,
    http: 502,
    retryable: false,
    meaning: "the upstream went away during the call, which may have run",
  },
  "upstream.timeout": {
    rpc: -31013,
    http: 504,
    retryable: false,
    meaning: "the upstream did not answer in time; the call may have run",
  },
  "upstream.invalid": {
    rpc: -31014,
    http: 502,
    retryable: false,
    meaning: "the upstream's answer is no JSON-RPC response",
  },
  "client.unknown": {
    rpc: -31021,
    http: 404,
    retryable: false,
    meaning: "which client caused the upstream's request cannot be known",
  },
  "client.unsupported": {
    rpc: -31022,
    http: 400,
    retryable: false,
    meaning: "the client lacks the capability that the upstream asks for",
  },
  "client.gone": { rpc: -31023, http: 404, retryable: false, meaning: "the client left before it answered" },
  "client.cancelled": {
    rpc: -31024,
    http: 400,
    retryable: false,
    meaning: "the client cancelled the call; nobody is told",
  },
  "session.missing": {
    rpc: -31031,
    http: 400,
    retryable: false,
    meaning: "the request needs an Mcp-Session-Id header",
  },
  "session.unknown": {
    rpc: -31032,
    http: 404,
    retryable: false,
    meaning: "the session has ended or never was: initialize again",
  },
  "session.refused": {
    rpc: -31033,
    http: 503,
    retryable: true,
    meaning: "the gateway holds as many sessions as it may",
  },
  "http.origin": { rpc: -31041, http: 403, retryable: false, meaning: "the Origin header is not allowed" },
  "http.host": { rpc: -31042, http: 403, retryable: false, meaning: "the Host header is not allowed" },
  "http.not_acceptable": {
    rpc: -31043,
    http: 406,
    retryable: false,
    meaning: "the Accept header lacks a type that MCP requires",
  },
  "http.media_type": { rpc: -31044, http: 415, retryable: false, meaning: "the Content-Type is not application/json" },
  "http.method": { rpc: -31045, http: 405, retryable: false, meaning: "the endpoint knows no such HTTP method" },
  "http.path": { rpc: -31046, http: 404, retryable: false, meaning: "no such path" },
  "protocol.version": {
    rpc: -31047,
    http: 400,
    retryable: false,
    meaning: "the MCP-Protocol-Version header names no version spoken here",
  },
  "request.invalid": {
    rpc: -31051,
    http: 400,
    retryable: false,
    meaning: "a parameter or body of the governance API is wrong",
  },
  "request.unauthorized": {
    rpc: -31053,
    http: 401,
    retryable: false,
    meaning: "changes need the admin token as a bearer token",
  },
  "request.forbidden": {
    rpc: -31054,
    http: 403,
    retryable: false,
    meaning: "changes by the API are switched off here",
  },
  "policy.invalid": {
    rpc: -31055,
    http: 400,
    retryable: false,
    meaning: "the settings make no policy; the one in force stays",
  },
  "policy.unknown": { rpc: -31056, http: 404, retryable: false, meaning: "no such scope, revision or decision" },
  "policy.conflict": {
    rpc: -31057,
    http: 409,
    retryable: true,
    meaning: "the policy was changed meanwhile; nothing was done",
  },
  "record.unknown": { rpc: -31058, http: 404, retryable: false, meaning: "nothing on record has this id" },
  "artifact.unfinished": {
    rpc: -31059,
    http: 409,
    retryable: true,
    meaning: "the export or report is not finished, or has failed",
  },
  "artifact.queue_full": {
    rpc: -31062,
    http: 503,
    retryable: true,
    meaning: "as many exports and reports wait to be made as may",
  },
  "jobs.unavailable": { rpc: -31060, http: 503, retryable: true, meaning: "the job queue did not answer" },
  "stream.full": { rpc: -31061, http: 503, retryable: true, meaning: "as many live streams are open as may be" },
  "store.unavailable": { rpc: -31052, http: 503, retryable: true, meaning: "the record store did not answer" },
} as const satisfies Record<string, ErrorShape>;

export type ErrorCode = keyof typeof errorTable;

/** A failure with a name that callers may branch on. A denial is not one: it is a Decision. */
export class GovernanceError extends Error {
  override readonly name = "GovernanceError";
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }

  get http(): number {
    return errorTable[this.code].http;
  }

  /** Ours stays ours; anything else becomes `internal`, its cause kept and its text hidden. */
  static from(cause: unknown): GovernanceError {
    if (cause instanceof GovernanceError) return cause;
    return new GovernanceError("internal", "internal error", { cause });
  }
}

export interface JsonRpcError {
  code: number;
  message: string;
  data: { code: ErrorCode; retryable: boolean };
}

export function toJsonRpcError(error: GovernanceError): JsonRpcError {
  const { rpc, retryable } = errorTable[error.code];
  return { code: rpc, message: error.message, data: { code: error.code, retryable } };
}
