import type { JsonObject } from "@spanhouse/schemas/json-value";
import { objectOf, parseJson } from "@spanhouse/schemas/json-value";
import type { KeyId } from "@spanhouse/schemas/otlp/attributes";
import { sliceLength, textOf } from "@spanhouse/schemas/slice";
import type { AttributeReader } from "../attribute-reader.ts";

/** Some dozen counts or parameters; what is longer is something else. */
const parsedBytesLimit = 8192;

/** A small JSON object in an attribute, such as a usage: parsed, because nothing else says what is in it. */
export function shortJson(attributes: AttributeReader, ...keys: readonly KeyId[]): JsonObject | undefined {
  const json = attributes.content(...keys);
  return json && sliceLength(json) <= parsedBytesLimit ? objectOf(parseJson(textOf(json))) : undefined;
}
