import { deadLetterHeader, recordHeader } from "@spanhouse/bus/bus";
import type { WaitingLetter } from "@spanhouse/bus/dead-letters";
import { createRecordSender } from "@spanhouse/bus/kafka/record-sender";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createApiKeys } from "@spanhouse/store/api-keys";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Deployment } from "../deployment.ts";

export type ReplayOutcome = { readonly kind: "accepted" } | { readonly kind: "failed"; readonly message: string };

/** Publishes letters once more, where their records came in. `accepted` means durable. */
export interface LetterReplay {
  publish(letter: WaitingLetter): Promise<ReplayOutcome>;
  close(): Promise<void>;
}

const ownHeaders: ReadonlySet<string> = new Set(Object.values(deadLetterHeader));

/** What the largest record of the topic may be; a letter was one. */
const maxRecordBytes = 16_000_000;

/** To the topic that the letter's record came from, with its key and headers: origin and project stay told. */
function throughKafka({ connection, topic }: NonNullable<Deployment["kafka"]>): LetterReplay {
  const sender = createRecordSender({ connection, topic, maxRecordBytes });
  return {
    async publish({ key, value, headers }) {
      const kept = Object.entries(headers).filter(([name]) => !ownHeaders.has(name));
      const outcome = await sender.send([{ key, value, headers: Object.fromEntries(kept) }]);
      return outcome.kind === "acknowledged" ? { kind: "accepted" } : { kind: "failed", message: outcome.message };
    },
    close: () => sender.close(),
  };
}

/** Through the gateway of the running standalone, with a key made for it for as long as the command runs. */
function throughGateway(clickhouse: ClickHouse, gatewayUrl: string): LetterReplay {
  const apiKeys = createApiKeys(clickhouse);
  const made = new Map<string, { readonly key: string; readonly keyId: string }>();

  async function keyOf(project: string): Promise<string> {
    const known = made.get(project);
    if (known) return known.key;
    const fresh = await apiKeys.createKey({ project, scopes: ["ingest"], label: "spanhouse dlq replay" });
    made.set(project, fresh);
    return fresh.key;
  }

  return {
    async publish({ value, headers }) {
      const project = headers[recordHeader.project] ?? "";
      if (project === "") return { kind: "failed", message: "the letter names no project" };
      const response = await fetch(`${gatewayUrl}/v1/traces`, {
        method: "POST",
        headers: { authorization: `Bearer ${await keyOf(project)}`, "content-type": contentTypeOf(value, headers) },
        body: new Uint8Array(value),
      });
      const answer = new Uint8Array(await response.arrayBuffer());
      // An empty answer, `{}` in JSON, says that all spans were taken.
      if (response.ok && answer.length <= 2) return { kind: "accepted" };
      return { kind: "failed", message: `HTTP ${response.status} ${new TextDecoder().decode(answer)}`.trim() };
    },
    async close() {
      for (const [project, { keyId }] of made) await apiKeys.revokeKey(project, keyId);
    },
  };
}

function contentTypeOf(value: Uint8Array, headers: Readonly<Record<string, string>>): string {
  return headers[recordHeader.contentType] ?? (value[0] === 0x7b ? "application/json" : "application/x-protobuf");
}

/** Throws CONFIG where nothing takes spans: a standalone that is not running. */
export function openReplay({ kafka, gatewayUrl, clickhouse }: Deployment): LetterReplay {
  if (kafka) return throughKafka(kafka);
  if (gatewayUrl !== undefined) return throughGateway(clickhouse, gatewayUrl);
  throw new SpanhouseError("CONFIG", "replaying needs SPANHOUSE_KAFKA_BROKERS, or a standalone that runs");
}
