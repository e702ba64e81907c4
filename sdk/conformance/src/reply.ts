import { once } from "node:events";
import type { ServerResponse } from "node:http";
import { setTimeout as delay } from "node:timers/promises";
import type { BrokenReply } from "./faults.ts";
import type { Provider, RefusedByApi, Spelling, SseEvent } from "./provider-api.ts";

/** What went over the wire, and how it ended: whole, cut by us, or aborted by the client. */
export interface Sent {
  readonly status: number;
  readonly text: string;
  readonly ended: "whole" | "cut" | "aborted";
}

interface ReplyOptions {
  readonly provider: Provider;
  readonly requestId: string;
  readonly inputTokens: number;
  readonly stream: boolean;
}

/** The one reply to a request. Each method sends it, and settles when it is out, broken, or the client has gone. */
export const openReply = (res: ServerResponse, { provider, requestId, inputTokens, stream }: ReplyOptions) => {
  const started = performance.now();
  let text = "";
  const left = new AbortController();
  res.once("close", () => left.abort());

  const writeHead = (status: number, more: Readonly<Record<string, string>>): void => {
    const facts = {
      requestId,
      inputTokens,
      processingMs: performance.now() - started,
      limited: status === 429,
      now: new Date(),
    };
    res.writeHead(status, { ...provider.headers(facts), ...more });
  };
  /** Settles when the part has been handed to the kernel, so that destroying the socket afterwards loses none of it. */
  const write = (part: string, onTheWire: string | Uint8Array = part): Promise<void> => {
    text += part;
    return new Promise((resolve) => res.write(onTheWire, () => resolve()));
  };
  const ended = (status: number, how: Sent["ended"]): Sent => ({ status, text, ended: how });

  const finish = async (status: number): Promise<Sent> => {
    res.end();
    if (!res.writableFinished && !left.signal.aborted) await Promise.race([once(res, "finish"), once(res, "close")]);
    return ended(status, res.writableFinished ? "whole" : "aborted");
  };
  const breakOff = async (fault: BrokenReply["kind"], status: number): Promise<Sent> => {
    if (fault === "hang") {
      if (!left.signal.aborted) await once(res, "close");
      return ended(status, "aborted");
    }
    res.destroy();
    return ended(status, "cut");
  };
  const pause = async (ms: number): Promise<void> => {
    if (ms > 0) await delay(ms, undefined, { signal: left.signal }).catch(() => undefined);
  };

  return {
    async error({ status, code, message, retryAfter }: RefusedByApi): Promise<Sent> {
      const body = JSON.stringify(provider.errorBody({ status, code, message, requestId }));
      writeHead(status, {
        "content-type": "application/json",
        ...provider.errorHeaders?.({ code }),
        ...(retryAfter === undefined ? {} : { "retry-after": String(retryAfter) }),
      });
      await write(body);
      return finish(status);
    },

    async answer(spelling: Spelling, pace: number, broken: BrokenReply | undefined): Promise<Sent> {
      if (broken?.after === 0) return breakOff(broken.kind, 0);
      await pause(pace);
      if (!stream) {
        const { type, body: spell } = spelling;
        const body = type === undefined ? JSON.stringify(spell()) : String(spell());
        writeHead(200, {
          "content-type": type ?? "application/json",
          "content-length": String(Buffer.byteLength(body)),
        });
        await write(broken ? body.slice(0, body.length / 2) : body);
        return broken ? breakOff(broken.kind, 200) : finish(200);
      }
      const { frame } = spelling;
      const type = frame?.type ?? "text/event-stream; charset=utf-8";
      writeHead(200, { "content-type": type, "cache-control": "no-cache" });
      let events = 0;
      for (const event of spelling.events()) {
        if (left.signal.aborted) return ended(200, "aborted");
        if (events === broken?.after) return breakOff(broken.kind, 200);
        if (events > 0) await pause(pace);
        await write(textOf(event), frame?.of(event));
        events += 1;
      }
      return finish(200);
    },
  };
};

const textOf = ({ event, data }: SseEvent): string => {
  const name = event === undefined ? "" : `event: ${event}\n`;
  return `${name}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
};
