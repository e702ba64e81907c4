import type { World, WorldWork } from "../world.ts";
import type { ReplayAnswer, ReplayChannel, ReplayFailure } from "./channel.ts";
import { Positions } from "./positions.ts";

/** Asks a replay for all that a program asks of the world. What matches what is the replay's to decide, not ours. */
export const replayWorld = (channel: ReplayChannel): World => {
  const positions = new Positions();
  return {
    began: (span) => positions.began(span),

    async request({ asked, url, init, attempt, spanId }, live) {
      const signal = init.signal ?? undefined;
      signal?.throwIfAborted();
      const question = { what: "model", of: "", asked: asked(), url, attempt, ...positions.of(spanId) };
      const answer = await channel.ask(question);
      signal?.throwIfAborted();
      switch (answer.kind) {
        case "response":
          return responseOf(answer, signal);
        case "failure":
          throw errorOf(answer.error);
        case "live":
          return live();
        case "miss":
          return missedResponse(answer.message);
        case "value":
          throw new Error("spanhouse: the replay gave a value for a model call");
      }
    },

    work<Result>({ kind, name, asked, spanId, returns }: WorldWork, live: () => Result): Result {
      const answer = channel.askNow({ what: kind, of: name, asked, ...positions.of(spanId) });
      if (answer.kind === "live") return live();
      return shaped(returns === "value" && isPromised(answer) ? "promise" : returns, () => valueIn(answer)) as Result;
    },

    value<T>(
      { name, index, spanId }: { readonly name: string; readonly index: number; readonly spanId: string },
      live: () => T,
    ): T {
      const answer = channel.askNow({ what: "value", of: name, asked: "", index, ...positions.of(spanId) });
      return answer.kind === "live" ? live() : (valueIn(answer) as T);
    },
  };
};

const isPromised = (answer: ReplayAnswer): boolean => answer.kind === "value" && answer.was.includes("promise");

const valueIn = (answer: ReplayAnswer): unknown => {
  switch (answer.kind) {
    case "value":
      return revived(answer.value, answer.was);
    case "failure":
      throw errorOf(answer.error);
    case "miss":
      throw errorOf({ type: "ReplayMiss", message: answer.message });
    default:
      throw new Error(`spanhouse: the replay gave a ${answer.kind} for a tool`);
  }
};

/** A span tells a text as it is, and anything else as JSON. */
const revived = (value: string | undefined, was: string): unknown => {
  if (value === undefined || was.includes("text")) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
};

/** What a function of the sort gives: the value, or the exception, at the moment at which it would. */
const shaped = (returns: WorldWork["returns"], value: () => unknown): unknown => {
  switch (returns) {
    case "value":
      return value();
    case "promise":
      return (async () => value())();
    case "iterator":
      return (function* () {
        yield* value() as Iterable<unknown>;
      })();
    case "async iterator":
      return (async function* () {
        yield* value() as Iterable<unknown>;
      })();
  }
};

/** Of the class that it had where that is the runtime's own, else one that is called the same. */
const errorOf = ({ type, message }: ReplayFailure): Error => {
  const Own = (globalThis as unknown as Readonly<Record<string, unknown>>)[type];
  if (typeof Own === "function" && Own.prototype instanceof Error) return new (Own as ErrorConstructor)(message);
  const error = new Error(message);
  error.name = type;
  return error;
};

const encoder = new TextEncoder();

const responseOf = (
  { status, headers, chunks, broken }: ReplayAnswer & { readonly kind: "response" },
  signal: AbortSignal | undefined,
): Response => {
  let next = 0;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = chunks[next++];
        if (chunk === undefined) {
          if (broken === undefined) controller.close();
          else controller.error(errorOf(broken));
          return;
        }
        if (chunk.after_ms > 0) await passing(chunk.after_ms, signal);
        if (signal?.aborted) controller.error(signal.reason);
        else controller.enqueue("text" in chunk ? encoder.encode(chunk.text) : Buffer.from(chunk.base64, "base64"));
      },
    },
    { highWaterMark: 0 },
  );
  return new Response(body, { status, headers });
};

const passing = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal?.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });

/** In the form of every provider's errors, and of the status that no client sends again for. */
const missedResponse = (message: string): Response => {
  const told = `spanhouse replay: ${message}`;
  const error = { type: "replay_miss", code: "replay_miss", status: "REPLAY_MISS", message: told };
  return new Response(JSON.stringify({ type: "error", error }), {
    status: 400,
    headers: { "content-type": "application/json", "x-should-retry": "false" },
  });
};
