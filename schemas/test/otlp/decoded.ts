import { decodeTraces } from "../../src/otlp/decode.ts";
import type { DecodedTraces } from "../../src/otlp/decoded.ts";

export function decoded(bytes: Uint8Array): DecodedTraces {
  const outcome = decodeTraces(bytes);
  if (outcome.kind === "failed") throw new Error(`${outcome.code}: ${outcome.message}`);
  return outcome.traces;
}
