import { ValueType } from "@spanhouse/schemas/otlp/attributes";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { SpanFlag } from "@spanhouse/schemas/span";
import type { AttributeReader } from "./attribute-reader.ts";
import { utf8 } from "./key-prefix.ts";
import { clip } from "./short-text.ts";

const tags = keyId("spanhouse.tags");
const metadataPrefix = utf8("spanhouse.metadata.");

/** More of them stay among the attributes. */
const metadataLimit = 64;

const none: Readonly<Record<string, string>> = {};

/** What users call their spans: a list of tags, and metadata by name. */
export interface Labels {
  readonly tags: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
}

export function readLabels(span: AttributeReader): Labels {
  return { tags: span.texts(tags) ?? [], metadata: readMetadata(span) };
}

function readMetadata(span: AttributeReader): Labels["metadata"] {
  const { attributes } = span;
  let entries: [string, string][] | undefined;
  for (let index = 0; index < attributes.length; index++) {
    if (attributes.keyId(index) !== 0 || !attributes.keyStartsWith(index, metadataPrefix)) continue;
    entries ??= [];
    if (entries.length === metadataLimit) {
      span.flags |= SpanFlag.clipped;
      break;
    }
    const name = clip(attributes.key(index).slice(metadataPrefix.length));
    entries.push([name, metadataText(span, index)]);
  }
  return entries === undefined ? none : Object.fromEntries(entries);
}

function metadataText(span: AttributeReader, index: number): string {
  const { attributes } = span;
  const type = attributes.type(index);
  const structured = type === ValueType.array || type === ValueType.kvlist || type === ValueType.bytes;
  return structured ? clip(JSON.stringify(attributes.json(index))) : (span.textAt(index) ?? "");
}
