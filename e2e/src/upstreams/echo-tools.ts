/** What a tool of the echo upstream is told, and where it may answer later than at once. */
export interface ToolCall {
  /** The request as it came, byte for byte. */
  text: string;
  name: string;
  arguments: Readonly<Record<string, unknown>>;
  progressToken: unknown;
  /** Sends a result, JSON text, unless the call has been cancelled meanwhile. */
  answer(result: string): void;
  /** Sends a JSON-RPC error, JSON text. */
  fail(error: string): void;
  notify(method: string, params: object): void;
  /** Sends this line, whatever it is. */
  utter(line: string): void;
  /** Runs when the client cancels the call. */
  onCancelled(stop: () => void): void;
  seen: Seen;
}

/** What this process has seen since it started. */
export interface Seen {
  calls: Record<string, number>;
  cancelled: number;
}

type Tool = (call: ToolCall) => void;

const text = (value: string): string => JSON.stringify({ content: [{ type: "text", text: value }] });

/** Members and numbers that no JSON.parse keeps: whoever rebuilds this result changes it. */
export const oddResult = `{"content":[{"type":"text","text":"odd","x-unknown":{"n":12345678901234567890}},{"type":"hologram","shape":"cube","price":1.10}],"structuredContent":{"big":12345678901234567890,"price":1.10,"tiny":1E-400},"unknownMember":[1.0,{"a.b":null,"$c":-0.0}],"_meta":{"example.com/weight":2.50}}`;

/** A definition with everything that a relay might be tempted to drop. */
export const annotatedDefinition = `"title":"Annotated","description":"A tool with every ornament","inputSchema":{"type":"object","properties":{"n":{"type":"integer","maximum":12345678901234567890}},"x-vendor":1.10},"annotations":{"title":"Ornament","readOnlyHint":true,"x-hint":1},"icons":[{"src":"data:image/png;base64,AA==","mimeType":"image/png","sizes":["48x48"]}],"execution":{"taskSupport":"forbidden"},"x-unknown":{"n":1.10},"_meta":{"example.com/owner":"fixtures"}`;

const anyObject = `"inputSchema":{"type":"object"}`;
const echoSchema = `"inputSchema":{"type":"object","properties":{"message":{"type":"string"}},"required":["message"]}`;

/** The definitions of `tools/list`, as JSON text without the surrounding braces. */
export const definitions: Readonly<Record<string, string>> = {
  echo: `"description":"Says the message again",${echoSchema}`,
  mirror: `"description":"Says the request again, as the text it came as",${anyObject}`,
  odd: `"description":"Answers with members and numbers nobody expects",${anyObject}`,
  annotated: annotatedDefinition,
  slow: `"description":"Answers after ms milliseconds",${anyObject}`,
  progress: `"description":"Reports steps, then answers",${anyObject}`,
  fail: `"description":"Answers with isError",${anyObject}`,
  refuse: `"description":"Answers with a JSON-RPC error",${anyObject}`,
  crash: `"description":"Ends the process without an answer",${anyObject}`,
  babble: `"description":"Says what no server should, then answers twice",${anyObject}`,
  large: `"description":"Answers with that many characters",${anyObject}`,
  pid: `"description":"Tells the process id",${anyObject}`,
  seen: `"description":"Tells what this process has seen",${anyObject}`,
  "drop-collection": `"description":"Only sounds dangerous",${anyObject}`,
};

function slow(call: ToolCall): void {
  const timer = setTimeout(() => call.answer(text("at last")), Number(call.arguments.ms ?? 1000));
  call.onCancelled(() => clearTimeout(timer));
}

function progress(call: ToolCall): void {
  const total = Number(call.arguments.steps ?? 3);
  for (let step = 1; step <= total; step += 1) {
    call.notify("notifications/progress", { progressToken: call.progressToken, progress: step, total });
  }
  call.answer(text(`${total} steps`));
}

const NONSENSE = [
  "this is no JSON",
  "null",
  "[]",
  "{}",
  `{"jsonrpc":"2.0","id":"nobody asked","result":{}}`,
  `{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"what?"}}`,
  `{"jsonrpc":"2.0","method":"notifications/unheard-of","params":[1]}`,
  `{"jsonrpc":"2.0","id":1,"method":"unheard/of"}`,
  `{"jsonrpc":"2.0","method":"notifications/progress","params":{"progressToken":"nobody's","progress":1}}`,
  `{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"nobody's"}}`,
];

function babble(call: ToolCall): void {
  for (const line of NONSENSE) call.utter(line);
  call.answer(text("sense"));
  call.answer(text("sense again"));
}

export const tools: Readonly<Record<string, Tool>> = {
  echo: (call) => call.answer(text(String(call.arguments.message))),
  mirror: (call) => call.answer(text(call.text)),
  odd: (call) => call.answer(oddResult),
  annotated: (call) => call.answer(text("annotated")),
  slow,
  progress,
  fail: (call) => call.answer(`{"content":[{"type":"text","text":"it did not work"}],"isError":true}`),
  refuse: (call) => call.fail(`{"code":-32042,"message":"refused","data":{"n":1.10}}`),
  crash: () => process.exit(1),
  babble,
  large: (call) => call.answer(text("x".repeat(Number(call.arguments.size)))),
  pid: (call) => call.answer(text(String(process.pid))),
  seen: (call) => call.answer(text(JSON.stringify(call.seen))),
  "drop-collection": (call) => call.answer(text("dropped")),
};

export const unknownTool: Tool = (call) => call.fail(`{"code":-32602,"message":"Unknown tool: ${call.name}"}`);
