/** Bytes that may wait for a reader. */
const MAX_WAITING_BYTES = 1_048_576;

export interface LiveStream {
  body: ReadableStream<Uint8Array>;
  /** Cuts a reader off for whom too much waits already. */
  send(chunk: Uint8Array): void;
  /** Ends it after what waits. */
  close(): void;
}

/** A stream that nobody waits for. `onEnd` is called once, whoever ends it. */
export function createLiveStream(first: Uint8Array, onEnd: (stream: LiveStream) => void): LiveStream {
  let controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  const end = (): typeof controller => {
    const open = controller;
    controller = undefined;
    if (open) onEnd(stream);
    return open;
  };
  const body = new ReadableStream<Uint8Array>(
    {
      start(opened) {
        controller = opened;
        opened.enqueue(first);
      },
      cancel: () => void end(),
    },
    new ByteLengthQueuingStrategy({ highWaterMark: MAX_WAITING_BYTES }),
  );
  const stream: LiveStream = {
    body,
    send(chunk) {
      if ((controller?.desiredSize ?? 0) > 0) controller?.enqueue(chunk);
      else end()?.error(new Error("the reader of a live stream is too slow"));
    },
    close: () => end()?.close(),
  };
  return stream;
}
