import { Buffer } from "node:buffer";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { installationOf } from "@spanhouse/schemas/own-telemetry";
import { failed } from "./failure.ts";
import type { SpanIntake } from "./span-intake.ts";

/**
 * Refuses requests with spans that this Spanhouse has sent about itself, before anything is told of them: taking them would
 * make more of them for ever. `installation` is empty as long as it is not known.
 */
export function refusingOwnTelemetry(takeSpans: SpanIntake, installation: () => readonly string[]): SpanIntake {
  return async (project, protobuf) => {
    const own = installation().find((id) => tells(protobuf, id));
    if (own !== undefined) {
      return failed(
        "OWN_TELEMETRY",
        `these spans are about this Spanhouse itself (${own}); expected them at another endpoint, by OTEL_EXPORTER_OTLP_ENDPOINT`,
      );
    }
    return takeSpans(project, protobuf);
  };
}

/** Looked for as bytes first: requests of others are not decoded for it. */
function tells(protobuf: Uint8Array, own: string): boolean {
  if (!Buffer.from(protobuf.buffer, protobuf.byteOffset, protobuf.length).includes(own)) return false;
  const decoded = decodeTraces(protobuf);
  return decoded.kind === "decoded" && decoded.traces.spans.some(({ resource }) => installationOf(resource) === own);
}
