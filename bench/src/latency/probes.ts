import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { recordHeader } from "@spanhouse/bus/bus";
import { createRecordSender } from "@spanhouse/bus/kafka/record-sender";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue } from "@spanhouse/schemas/otlp/model";
import type { ClickHouse } from "@spanhouse/store/clickhouse";

/** Where a probe can be seen: its row, its trace's summary, the sums that it is part of. */
export const places = ["span", "summary", "rollup"] as const;
export type Place = (typeof places)[number];

/** Milliseconds from when a probe was given to Kafka until it was seen, probe by probe. */
export type ProbeLatencies = Readonly<Record<Place, readonly number[]>>;

export interface Probes {
  /** Publishes one every so many milliseconds for so long, then waits until all are seen everywhere. */
  run(options: { readonly everyMs: number; readonly forMs: number }): Promise<ProbeLatencies>;
  close(): Promise<void>;
}

/** Apart from the traffic, so that looking for them reads next to nothing. */
const project = "probe";
const pollMs = 25;
/** What is not seen by then is lost. */
const patienceMs = 120_000;

/** Spans of which it is known when they were published: a trace of one priced call each, found again by its feature. */
export function createProbes(clickhouse: ClickHouse, brokers: readonly string[], topic: string): Probes {
  const sender = createRecordSender({ connection: { brokers, clientId: "probes", log: () => undefined }, topic });
  const seenBy: Record<Place, string> = {
    span: `SELECT DISTINCT feature FROM spans WHERE project = '${project}'`,
    summary: `SELECT DISTINCT arrayJoin(features) FROM traces WHERE project = '${project}' AND live`,
    rollup: `SELECT DISTINCT arrayJoin(feature) FROM rollup_minute WHERE project = '${project}' AND kind = 'spend'`,
  };

  async function publish(name: string): Promise<void> {
    const record = {
      key: randomBytes(16).toString("hex"),
      headers: { [recordHeader.project]: project, [recordHeader.contentType]: "application/x-protobuf" },
    };
    const outcome = await sender.send([{ ...record, value: call(record.key, name) }]);
    if (outcome.kind !== "acknowledged") throw new Error(`a probe was not taken: ${outcome.message}`);
  }

  return {
    async run({ everyMs, forMs }) {
      const published = new Map<string, number>();
      const seen: Record<Place, Map<string, number>> = { span: new Map(), summary: new Map(), rollup: new Map() };
      const began = performance.now();
      const ended = () => performance.now() - began > forMs;

      const publishing = async () => {
        for (let n = 0; !ended(); n++) {
          await delay(Math.max(0, began + n * everyMs - performance.now()));
          const name = `${randomBytes(4).toString("hex")}-${n}`;
          published.set(name, performance.now());
          await publish(name);
        }
      };
      const looking = async (place: Place) => {
        while (!ended() || seen[place].size < published.size) {
          const rows = await clickhouse.queryRows<[string]>(seenBy[place]);
          const now = performance.now();
          for (const [name] of rows) if (published.has(name) && !seen[place].has(name)) seen[place].set(name, now);
          if (now - began > forMs + patienceMs) throw new Error(`not all probes came to be seen: ${place}`);
          await delay(pollMs);
        }
      };
      await Promise.all([publishing(), ...places.map(looking)]);
      const latencies = (place: Place) => [...seen[place]].map(([name, at]) => at - published.get(name)!);
      return { span: latencies("span"), summary: latencies("summary"), rollup: latencies("rollup") };
    },
    close: () => sender.close(),
  };
}

function call(traceId: string, feature: string): Uint8Array {
  const end = BigInt(Date.now()) * 1_000_000n;
  const text = (key: string, value: string) => ({ key, value: { type: "string", value } satisfies AnyValue });
  const count = (key: string, value: bigint) => ({ key, value: { type: "int", value } satisfies AnyValue });
  const span = {
    traceId,
    spanId: traceId.slice(16),
    name: "chat gpt-4.1-mini",
    startTimeUnixNano: end - 1_000_000n,
    endTimeUnixNano: end,
    attributes: [
      ...[text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai")],
      ...[text("gen_ai.request.model", "gpt-4.1-mini"), text("spanhouse.feature", feature)],
      ...[count("gen_ai.usage.input_tokens", 100n), count("gen_ai.usage.output_tokens", 10n)],
    ],
  };
  return encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] });
}
