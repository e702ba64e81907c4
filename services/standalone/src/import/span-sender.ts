import { setTimeout as delay } from "node:timers/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";

export interface SentSpans {
  readonly rejected: number;
  /** Why, where any were. */
  readonly message: string;
}

/** Sends a request as OTLP JSON and waits until its spans are durable. Rejects where the gateway does not take it. */
export type SendSpans = (body: string) => Promise<SentSpans>;

const attempts = 8;

/** To a gateway, with a key of scope ingest. What is busy is asked again, each time later. */
export function createSpanSender(
  address: { readonly url: string; readonly key: string },
  signal: AbortSignal,
): SendSpans {
  const headers = { authorization: `Bearer ${address.key}`, "content-type": "application/json" };
  return async function send(body) {
    for (let attempt = 1; ; attempt++) {
      const outcome = await post(body);
      if (outcome.kind === "sent") return outcome;
      if (!outcome.again || attempt === attempts) throw outcome.error;
      await delay(Math.min(10_000, outcome.afterMs ?? 100 * 2 ** attempt), undefined, { signal });
    }
  };

  async function post(body: string) {
    let response: Response;
    try {
      response = await fetch(`${address.url}/v1/traces`, { method: "POST", headers, body, signal });
    } catch (cause) {
      if (signal.aborted) throw cause;
      const error = new Error(`the gateway at ${address.url} does not answer`, { cause });
      return { kind: "failed", again: true, afterMs: undefined, error } as const;
    }
    const text = await response.text();
    if (response.ok) return { kind: "sent", ...partialSuccess(text) } as const;
    const again = [429, 502, 503, 504].includes(response.status);
    const seconds = Number(response.headers.get("retry-after") ?? Number.NaN);
    const error = refusalOf(response.status, text);
    return { kind: "failed", again, afterMs: Number.isNaN(seconds) ? undefined : seconds * 1000, error } as const;
  }
}

function partialSuccess(text: string): SentSpans {
  const { partialSuccess: partial } = JSON.parse(text || "{}") as {
    partialSuccess?: { rejectedSpans?: string | number; errorMessage?: string };
  };
  return { rejected: Number(partial?.rejectedSpans ?? 0), message: partial?.errorMessage ?? "" };
}

function refusalOf(status: number, text: string): Error {
  const said = /"message"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.slice(0, 300);
  if (status === 401) return new SpanhouseError("KEY_UNKNOWN", said);
  if (status === 403) return new SpanhouseError("KEY_SCOPE", said);
  return new Error(`the gateway answered ${status}: ${said}`);
}
