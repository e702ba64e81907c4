import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { agent, chat, request, span } from "../../consumer/test/pipeline/spans.ts";

export interface AcknowledgedTraffic {
  /** How many requests were answered 200. */
  acknowledged(): number;
  /** The bodies of all requests, answered or not. */
  sent(): readonly Uint8Array[];
  /** Resolves when the gateway is gone. */
  readonly stopped: Promise<unknown>;
}

const concurrency = 16;

export interface Gateway {
  readonly gatewayUrl: string;
  readonly apiKey: string;
}

/** Sends traces of an agent and one call of $0.0035, a request each, as fast as they are answered, until nobody answers. */
export function startAcknowledgedTraffic(gateway: Gateway, firstTrace: number): AcknowledgedTraffic {
  const sent: Uint8Array[] = [];
  let acknowledged = 0;

  async function send(): Promise<void> {
    for (;;) {
      const n = firstTrace + sent.length;
      const at = BigInt(n % 300) * 1_000_000_000n;
      const body = encodeTraces(request(span(n, 1, undefined, agent(), at), span(n, 2, 1, chat(1000, 100), at)));
      sent.push(body);
      const status = await post(gateway, body).catch(() => undefined);
      if (status === undefined) return;
      if (status === 200) acknowledged += 1;
    }
  }

  return {
    acknowledged: () => acknowledged,
    sent: () => sent,
    stopped: Promise.all(Array.from({ length: concurrency }, send)),
  };
}

/** As clients do with what was not acknowledged. Rejects unless every request is. */
export async function sendAgain(gateway: Gateway, bodies: readonly Uint8Array[]): Promise<void> {
  const waiting = [...bodies];
  const send = async () => {
    for (let body = waiting.pop(); body; body = waiting.pop()) {
      const status = await post(gateway, body);
      if (status !== 200) throw new Error(`answered ${status}`);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, send));
}

/** One trace of long ago. */
export function sendOne(gateway: Gateway): Promise<number> {
  return post(gateway, encodeTraces(request(span(1, 1, undefined, agent()))));
}

async function post({ gatewayUrl, apiKey }: Gateway, body: Uint8Array): Promise<number> {
  const headers = { authorization: `Bearer ${apiKey}`, "content-type": "application/x-protobuf" };
  const answer = await fetch(`${gatewayUrl}/v1/traces`, { method: "POST", headers, body: new Uint8Array(body) });
  await answer.arrayBuffer().catch(() => undefined);
  return answer.status;
}
