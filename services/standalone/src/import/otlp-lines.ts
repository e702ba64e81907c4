import { type JsonObject, objectsOf } from "@spanhouse/schemas/json-value";
import type { SpanBatch } from "./span-batches.ts";

/**
 * OTLP JSON, an ExportTraceServiceRequest a line or one after another: what `spanhouse export` and the OpenTelemetry
 * Collector's file exporter write. Each is sent as it is; requests of logs and metrics are none.
 */
export async function* otlpBatches(
  records: AsyncIterable<JsonObject>,
  onSkipped: (why: string) => void,
): AsyncGenerator<SpanBatch> {
  for await (const record of records) {
    const spans = spansIn(record);
    if (spans === 0) onSkipped("no OTLP request with spans");
    else yield { body: JSON.stringify(record), spans };
  }
}

function spansIn(record: JsonObject): number {
  let spans = 0;
  for (const resource of objectsOf(record.resourceSpans ?? record.resource_spans)) {
    for (const scope of objectsOf(resource.scopeSpans ?? resource.scope_spans)) spans += objectsOf(scope.spans).length;
  }
  return spans;
}
