/** One HTTP answer; header names in lower case. */
export interface HttpAnswer {
  status: number;
  header(name: string): string | undefined;
  body: string;
}

interface Head {
  text: string;
  status: number;
  bodyAt: number;
  length: number | "chunked";
}

/** Reads the answers of one keep-alive connection, one at a time, from the chunks as they come. Bodies are ASCII. */
export function createResponseReader(onAnswer: (answer: HttpAnswer) => void): (chunk: Buffer) => void {
  let buffer = "";
  let head: Head | undefined;

  const finish = ({ text, status }: Head, body: string, end: number): void => {
    buffer = buffer.slice(end);
    head = undefined;
    onAnswer({ status, header: (name) => headerOf(text, name), body });
  };

  return (chunk) => {
    buffer += chunk.toString("latin1");
    head ??= readHead(buffer);
    if (!head) return;
    if (head.length === "chunked") {
      const dechunked = dechunk(buffer, head.bodyAt);
      if (dechunked) finish(head, dechunked.body, dechunked.end);
      return;
    }
    const end = head.bodyAt + head.length;
    if (buffer.length >= end) finish(head, buffer.slice(head.bodyAt, end), end);
  };
}

function readHead(buffer: string): Head | undefined {
  const end = buffer.indexOf("\r\n\r\n");
  if (end < 0) return undefined;
  const text = buffer.slice(0, end);
  const isChunked = headerOf(text, "transfer-encoding")?.toLowerCase() === "chunked";
  return {
    text,
    status: Number(text.slice(9, 12)),
    bodyAt: end + 4,
    length: isChunked ? "chunked" : Number(headerOf(text, "content-length") ?? 0),
  };
}

function headerOf(head: string, name: string): string | undefined {
  return new RegExp(`^${name}: *(.*)$`, "im").exec(head)?.[1]?.trim();
}

function dechunk(buffer: string, bodyAt: number): { body: string; end: number } | undefined {
  let at = bodyAt;
  let body = "";
  for (;;) {
    const lineEnd = buffer.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(buffer.slice(at, lineEnd), 16);
    const next = lineEnd + 2 + size + 2;
    if (buffer.length < next) return undefined;
    if (size === 0) return { body, end: next };
    body += buffer.slice(lineEnd + 2, lineEnd + 2 + size);
    at = next;
  }
}
