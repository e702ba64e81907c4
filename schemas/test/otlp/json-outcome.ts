import type { DecodedTraces } from "../../src/otlp/decoded.ts";
import { type DecodeJsonOutcome, decodeJson } from "../../src/otlp/json.ts";
import { decoded } from "./decoded.ts";

export function decodedJson(json: string): DecodedTraces {
  const outcome = decodeJson(Buffer.from(json));
  if (outcome.kind === "failed") throw new Error(`${outcome.code}: ${outcome.message}`);
  return decoded(outcome.protobuf);
}

export function jsonFailure(bytes: Uint8Array): Extract<DecodeJsonOutcome, { kind: "failed" }> {
  const outcome = decodeJson(bytes);
  if (outcome.kind === "decoded") throw new Error("expected a failure");
  return outcome;
}
