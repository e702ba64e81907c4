import type { ReadableStreamReadResult, ReadableWritablePair, StreamPipeOptions } from "node:stream/web";

/** Is told of a response's body while the program reads it. Called at most once, whatever the program does. */
export interface BodyListener {
  /** The body is about to be read in pieces. The ear holds what came, and not the body. */
  onBody(body: object, ear: ChunkEar): void;
  /** The first bytes of a body that is read in pieces. */
  onFirstChunk(): void;
  /** Takes each piece as it goes by; without it the pieces are kept, for `onChunks`. */
  onChunk?(chunk: Uint8Array): void;
  /** The whole body; `read` is its JSON where the program asked for that. */
  onWhole(body: Uint8Array, read?: { readonly parsed: unknown }): void;
  /** A body that was read in pieces: to its end, left before, or broken by the error. */
  onChunks(chunks: readonly Uint8Array[], how: "done" | "left" | "broken", error?: unknown): void;
}

const listenerKey = Symbol("spanhouse.listener");

type Tapped = Response & { [listenerKey]: BodyListener };

/** For each class of response (the runtime's, node-fetch's) one that listens. */
const tappedPrototypes = new WeakMap<object, object>();

/**
 * Lets the listener hear the body as the program reads it, in whatever way: nothing is read that the program does not read,
 * nothing later than it would be, and no copy of the stream is made. The response stays the same object; its class is
 * a subclass of what it was.
 */
export const tapResponse = (response: Response, listener: BodyListener): Response => {
  const base = Object.getPrototypeOf(response) as Response;
  let prototype = tappedPrototypes.get(base);
  if (prototype === undefined) {
    prototype = tappedPrototype(base);
    tappedPrototypes.set(base, prototype);
  }
  (response as Tapped)[listenerKey] = listener;
  return Object.setPrototypeOf(response, prototype) as Response;
};

const decoder = new TextDecoder();

const tappedPrototype = (base: Response): object => {
  const getBody = Object.getOwnPropertyDescriptor(ownerOf(base, "body"), "body")?.get;
  const heard = async (response: Tapped): Promise<ArrayBuffer> => {
    let body: ArrayBuffer;
    try {
      body = await base.arrayBuffer.call(response);
    } catch (error) {
      response[listenerKey].onChunks([], "broken", error);
      throw error;
    }
    response[listenerKey].onWhole(new Uint8Array(body));
    return body;
  };

  return Object.create(base, {
    json: {
      async value(this: Tapped) {
        let body: Uint8Array;
        try {
          body = new Uint8Array(await base.arrayBuffer.call(this));
        } catch (error) {
          this[listenerKey].onChunks([], "broken", error);
          throw error;
        }
        const text = decoder.decode(body);
        let parsed: unknown;
        try {
          parsed = JSON.parse(text);
          return parsed;
        } finally {
          this[listenerKey].onWhole(body, { parsed });
        }
      },
    },
    text: {
      async value(this: Tapped) {
        return decoder.decode(await heard(this));
      },
    },
    arrayBuffer: {
      value(this: Tapped) {
        return heard(this);
      },
    },
    bytes: {
      async value(this: Tapped) {
        return new Uint8Array(await heard(this));
      },
    },
    buffer: {
      async value(this: Tapped) {
        return Buffer.from(await heard(this));
      },
    },
    blob: {
      async value(this: Tapped) {
        const type = this.headers.get("content-type") ?? "";
        return new Blob([await heard(this)], { type });
      },
    },
    clone: {
      value(this: Tapped) {
        return tapResponse(base.clone.call(this), this[listenerKey]);
      },
    },
    body: {
      get(this: Tapped) {
        const body = getBody?.call(this) as ReadableStream<Uint8Array> | null;
        return body === null ? null : tapBody(body, this[listenerKey]);
      },
    },
  }) as object;
};

const ownerOf = (prototype: object, name: string): object => {
  let owner: object | null = prototype;
  while (owner !== null && !Object.hasOwn(owner, name)) owner = Object.getPrototypeOf(owner) as object | null;
  return owner ?? prototype;
};

const earKey = Symbol("spanhouse.ear");

type HeardBody = ReadableStream<Uint8Array> & { [earKey]?: ChunkEar };

/** For each class of body one that is heard. */
const heardPrototypes = new WeakMap<object, object>();

/** The same stream; whoever reads it, the listener hears. node-fetch's bodies are Node's streams, and only iterated. */
const tapBody = (body: HeardBody, listener: BodyListener): ReadableStream<Uint8Array> => {
  if (body[earKey] !== undefined) return body;
  const ear = new ChunkEar(listener);
  body[earKey] = ear;
  listener.onBody(body, ear);
  if (typeof body.getReader !== "function") {
    const iterate = (body as AsyncIterable<Uint8Array>)[Symbol.asyncIterator];
    Object.assign(body, { [Symbol.asyncIterator]: () => heardIterator(iterate.call(body), ear) });
    return body;
  }
  const base = Object.getPrototypeOf(body) as ReadableStream<Uint8Array>;
  let prototype = heardPrototypes.get(base);
  if (prototype === undefined) {
    prototype = heardPrototype(base);
    heardPrototypes.set(base, prototype);
  }
  return Object.setPrototypeOf(body, prototype) as ReadableStream<Uint8Array>;
};

const heardPrototype = (base: ReadableStream<Uint8Array>): object => {
  const readerOf = (body: HeardBody): ReadableStreamDefaultReader<Uint8Array> => base.getReader.call(body) as never;
  const iterate = {
    value(this: HeardBody, options?: { preventCancel?: boolean }) {
      return readerIterator(readerOf(this), this[earKey]!, options?.preventCancel);
    },
  };
  const piped = (body: HeardBody): ReadableStream<Uint8Array> => {
    const reader = readerOf(body);
    const ear = body[earKey]!;
    return new ReadableStream({
      async pull(controller) {
        const { done, value } = await ear.read(reader);
        if (done) controller.close();
        else controller.enqueue(value);
      },
      cancel(reason) {
        ear.end("left");
        return reader.cancel(reason);
      },
    });
  };
  return Object.create(base, {
    [Symbol.asyncIterator]: iterate,
    values: iterate,
    getReader: {
      value(this: HeardBody, options?: { mode?: "byob" }) {
        if (options?.mode !== undefined) return base.getReader.call(this, options as never);
        const reader = readerOf(this);
        const ear = this[earKey]!;
        const { read, cancel } = reader;
        return Object.assign(reader, {
          read: () => ear.read({ read: () => read.call(reader) }),
          cancel(reason?: unknown) {
            ear.end("left");
            return cancel.call(reader, reason);
          },
        });
      },
    },
    cancel: {
      value(this: HeardBody, reason?: unknown) {
        if (!this.locked) this[earKey]!.end("left");
        return base.cancel.call(this, reason);
      },
    },
    tee: {
      value(this: HeardBody) {
        return piped(this).tee();
      },
    },
    pipeTo: {
      value(this: HeardBody, destination: WritableStream<Uint8Array>, options?: StreamPipeOptions) {
        return piped(this).pipeTo(destination, options);
      },
    },
    pipeThrough: {
      value<T>(this: HeardBody, pair: ReadableWritablePair<T, Uint8Array>, options?: StreamPipeOptions) {
        return piped(this).pipeThrough(pair, options);
      },
    },
  }) as object;
};

/** Keeps the chunks that went by, and tells of them once. */
export class ChunkEar {
  private readonly listener: BodyListener;
  private readonly chunks: Uint8Array[] = [];
  private ended = false;

  constructor(listener: BodyListener) {
    this.listener = listener;
  }

  read(reader: {
    read(): Promise<ReadableStreamReadResult<Uint8Array>>;
  }): Promise<ReadableStreamReadResult<Uint8Array>> {
    return reader.read().then(this.onRead, this.onError);
  }

  readonly onRead = <Result extends { done?: boolean | undefined; value?: unknown }>(result: Result): Result => {
    if (result.done) this.end("done");
    else {
      this.hear(result.value as Uint8Array);
    }
    return result;
  };

  private hear(chunk: Uint8Array): void {
    const { listener, chunks } = this;
    if (listener.onChunk !== undefined) {
      listener.onChunk(chunk);
      return;
    }
    if (chunks.length === 0) listener.onFirstChunk();
    chunks.push(chunk);
  }

  readonly onError = (error: unknown): never => {
    this.end("broken", error);
    throw error;
  };

  end(how: "done" | "left" | "broken", error?: unknown): void {
    if (this.ended) return;
    this.ended = true;
    this.listener.onChunks(this.chunks, how, error);
  }
}

/** As the stream's own iterator, with fewer promises. */
const readerIterator = (
  reader: ReadableStreamDefaultReader<Uint8Array>,
  ear: ChunkEar,
  preventCancel = false,
): AsyncIterableIterator<Uint8Array> => {
  let finished = false;
  const finish = (): void => {
    finished = true;
    reader.releaseLock();
  };
  const onRead = (result: ReadableStreamReadResult<Uint8Array>): IteratorResult<Uint8Array> => {
    ear.onRead(result);
    if (result.done && !finished) finish();
    return result as IteratorResult<Uint8Array>;
  };
  const onError = (error: unknown): never => {
    if (!finished) finish();
    return ear.onError(error);
  };
  return {
    next: () => (finished ? Promise.resolve({ done: true, value: undefined }) : reader.read().then(onRead, onError)),
    async return(value) {
      if (!finished) {
        const cancelled = preventCancel ? undefined : reader.cancel(value);
        finish();
        ear.end("left");
        await cancelled;
      }
      return { done: true, value };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
};

const heardIterator = (iterator: AsyncIterator<Uint8Array>, ear: ChunkEar): AsyncIterableIterator<Uint8Array> => ({
  next: () => iterator.next().then(ear.onRead, ear.onError),
  return(value) {
    ear.end("left");
    return iterator.return?.(value) ?? Promise.resolve({ done: true, value });
  },
  [Symbol.asyncIterator]() {
    return this;
  },
});
