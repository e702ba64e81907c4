import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import type { DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue } from "@spanhouse/schemas/otlp/model";

type Value = string | boolean | number;

/** A finished span with these attributes, as it comes off the wire; numbers are integers. */
export function spanOf(attributes: Readonly<Record<string, Value>>, statusCode = 0): DecodedSpan {
  const keyValues = Object.entries(attributes).map(([key, value]) => ({ key, value: anyValue(value) }));
  const span = {
    traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
    spanId: "b7ad6b7169203331",
    name: "chat",
    startTimeUnixNano: 1_772_539_200_000_000_000n,
    endTimeUnixNano: 1_772_539_201_000_000_000n,
    attributes: keyValues,
    status: { code: statusCode },
  };
  const outcome = decodeTraces(encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }));
  if (outcome.kind === "failed") throw new Error(outcome.message);
  return outcome.traces.spans[0]!;
}

function anyValue(value: Value): AnyValue {
  if (typeof value === "string") return { type: "string", value };
  return typeof value === "boolean" ? { type: "bool", value } : { type: "int", value: BigInt(value) };
}
