import type { ClickHouse } from "../clickhouse.ts";
import { RowBinaryWriter } from "../row-binary.ts";
import type { VersionedSpan } from "./versioned-span.ts";

const columns = [
  ...["project", "trace_id", "span_id", "version", "parent_span_id", "start_time", "name", "role", "operation"],
  ...["request_model", "service", "user_id", "conversation_id"],
] as const;

/** Announces spans that have begun and not ended. Whether one is still open is asked of `spans` when it is read. */
export async function writeOpenSpans(clickhouse: ClickHouse, open: readonly VersionedSpan[]): Promise<void> {
  if (open.length === 0) return;
  const body = new RowBinaryWriter();
  for (const { span, version } of open) {
    body.string(span.project);
    body.fixedHex(span.traceId, 16);
    body.fixedHex(span.spanId, 8);
    body.uint64(version);
    body.fixedHex(span.parentSpanId, 8);
    body.dateTime64(span.startTime);
    body.string(span.name);
    body.string(span.role);
    body.string(span.operation);
    body.string(span.requestModel);
    body.string(span.service);
    body.string(span.userId);
    body.string(span.conversationId);
  }
  await clickhouse.insert("open_spans", columns, body.bytes());
}
