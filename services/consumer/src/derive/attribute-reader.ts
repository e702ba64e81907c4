import { type Attributes, type KeyId, ValueType } from "@spanhouse/schemas/otlp/attributes";
import { type Slice, sliceLength, sliceOf, textOf } from "@spanhouse/schemas/slice";
import { SpanFlag } from "@spanhouse/schemas/span";
import { clip, shortTextLimit, startOf } from "./short-text.ts";

/**
 * Reads a span's attributes by the ids of their names, and remembers what was used and what was wrong. Of several names
 * the first that is there counts. What a reader took whole is `used`; a text that had to be cut is not.
 */
export class AttributeReader {
  readonly attributes: Attributes;
  readonly used: number[] = [];
  flags = 0;

  constructor(attributes: Attributes) {
    this.attributes = attributes;
  }

  has(key: KeyId): boolean {
    return this.attributes.find(key) >= 0;
  }

  hasAny(keys: readonly KeyId[]): boolean {
    for (const key of keys) if (this.attributes.find(key) >= 0) return true;
    return false;
  }

  /** At most 200 characters; undefined where there is none, or nothing in it. */
  text(...keys: readonly KeyId[]): string | undefined {
    for (const key of keys) {
      const index = this.attributes.find(key);
      if (index < 0) continue;
      const text = this.textAt(index);
      if (text !== undefined && text !== "") return text;
    }
    return undefined;
  }

  textAt(index: number): string | undefined {
    const { attributes } = this;
    if (attributes.type(index) === ValueType.string) {
      const slice = attributes.slice(index);
      if (sliceLength(slice) > shortTextLimit) {
        const text = textOf(startOf(slice));
        if (text.length > shortTextLimit) {
          this.flags |= SpanFlag.clipped;
          return clip(text);
        }
      }
    }
    const text = attributes.text(index);
    if (text !== undefined) this.used.push(index);
    return text;
  }

  number(...keys: readonly KeyId[]): number | undefined {
    for (const key of keys) {
      const index = this.attributes.find(key);
      if (index < 0) continue;
      const value = this.attributes.number(index);
      if (value === undefined) continue;
      this.used.push(index);
      return value;
    }
    return undefined;
  }

  /** A count for `usage.ts` to judge: NaN for what is there and no number. */
  count(...keys: readonly KeyId[]): number | undefined {
    for (const key of keys) {
      const index = this.attributes.find(key);
      if (index < 0) continue;
      const value = this.attributes.number(index);
      if (value === undefined || !Number.isFinite(value)) return Number.NaN;
      this.used.push(index);
      return value;
    }
    return undefined;
  }

  bool(key: KeyId): boolean {
    const index = this.attributes.find(key);
    if (index < 0) return false;
    const { attributes } = this;
    const value = attributes.bool(index) ?? attributes.text(index) === "true";
    this.used.push(index);
    return value;
  }

  /** A list of short strings: an array, a JSON array in a string, or one string. */
  texts(...keys: readonly KeyId[]): readonly string[] | undefined {
    for (const key of keys) {
      const index = this.attributes.find(key);
      if (index < 0) continue;
      const texts = this.textsAt(index);
      if (texts.length > 0) return texts;
    }
    return undefined;
  }

  private textsAt(index: number): readonly string[] {
    const { attributes } = this;
    const type = attributes.type(index);
    if (type !== ValueType.array && type !== ValueType.string) return [];
    if (sliceLength(attributes.slice(index)) > listBytesLimit) {
      this.flags |= SpanFlag.clipped;
      return [];
    }
    const value = attributes.json(index);
    const list = typeof value === "string" ? listIn(value) : value;
    if (!Array.isArray(list)) return [];
    const texts = list.filter((entry) => typeof entry === "string" && entry !== "");
    if (texts.some((text) => text.length > shortTextLimit)) this.flags |= SpanFlag.clipped;
    else this.used.push(index);
    return texts.map(clip);
  }

  /**
   * A text of any size as a slice of the record: a string or bytes as they are, a structured value as its JSON.
   */
  content(...keys: readonly KeyId[]): Slice | undefined {
    for (const key of keys) {
      const index = this.attributes.find(key);
      if (index < 0) continue;
      const slice = contentAt(this.attributes, index);
      if (slice === undefined) continue;
      this.used.push(index);
      return slice;
    }
    return undefined;
  }
}

/** More than this is no list of names. */
const listBytesLimit = 16_384;

export function contentAt(attributes: Attributes, index: number): Slice | undefined {
  switch (attributes.type(index)) {
    case ValueType.empty:
      return undefined;
    case ValueType.string:
    case ValueType.bytes: {
      const slice = attributes.slice(index);
      return sliceLength(slice) === 0 ? undefined : slice;
    }
    default:
      return sliceOf(JSON.stringify(attributes.json(index)));
  }
}

function listIn(text: string): unknown {
  if (!text.startsWith("[")) return [text];
  try {
    return JSON.parse(text);
  } catch {
    return [text];
  }
}
