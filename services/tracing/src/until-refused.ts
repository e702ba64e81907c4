import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { SpanExporter } from "@opentelemetry/sdk-trace-base";
import type { ErrorCode } from "@spanhouse/schemas/errors";

const refusal: ErrorCode = "OWN_TELEMETRY";

/**
 * The same exporter, until an endpoint turns out to be this Spanhouse itself: it is told to once, and nothing is sent any
 * more. So a shell whose variables are meant for programs that are traced does no harm.
 */
export function untilRefused(
  exporter: SpanExporter,
  log: (message: string, detail: Readonly<Record<string, unknown>>) => void,
): SpanExporter {
  let refused = false;
  return {
    export(spans, done) {
      if (refused) return done({ code: ExportResultCode.SUCCESS });
      exporter.export(spans, (result) => {
        if (tellsRefusal(result) && !refused) {
          refused = true;
          log("tracing is off: the endpoint of OTEL_EXPORTER_OTLP_ENDPOINT is this Spanhouse itself", {});
        }
        done(refused ? { code: ExportResultCode.SUCCESS } : result);
      });
    },
    forceFlush: async () => exporter.forceFlush?.(),
    shutdown: () => exporter.shutdown(),
  };
}

/** What the endpoint answered is the error's `data`. */
function tellsRefusal({ error }: ExportResult): boolean {
  return error !== undefined && "data" in error && String(error.data).includes(refusal);
}
