import { Buffer } from "node:buffer";

/** A place in a JSON document, for messages; text is made only when something is wrong. */
export interface JsonPath {
  readonly parent: JsonPath | undefined;
  readonly step: string | number;
}

export class JsonMismatch extends Error {
  constructor(path: JsonPath | undefined, expected: string, got: unknown) {
    super(`${describePath(path)}: expected ${expected}, got ${describe(got)}`);
  }
}

function describePath(path: JsonPath | undefined): string {
  if (path === undefined) return "$";
  const { parent, step } = path;
  return `${describePath(parent)}${typeof step === "number" ? `[${step}]` : `.${step}`}`;
}

function describe(value: unknown): string {
  if (Array.isArray(value)) return "an array";
  if (typeof value === "object" && value !== null) return "an object";
  const text = JSON.stringify(value);
  return text.length > 80 ? `${text.slice(0, 80)}…` : text;
}

const int64Min = -(2n ** 63n);
const int64Max = 2n ** 63n - 1n;
const uint64Max = 2n ** 64n - 1n;

/**
 * One JSON object, read by protobuf's JSON mapping: a field in camelCase or snake_case, null as left out, integers as
 * numbers or strings. Every reader gives undefined for a field left out and throws `JsonMismatch` on a wrong one.
 */
export class JsonObject {
  private readonly fields: Readonly<Record<string, unknown>>;
  private readonly path: JsonPath | undefined;

  constructor(value: unknown, path?: JsonPath) {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new JsonMismatch(path, "an object", value);
    }
    this.fields = value as Record<string, unknown>;
    this.path = path;
  }

  at(name: string): JsonPath {
    return { parent: this.path, step: name };
  }

  mismatch(name: string, expected: string): JsonMismatch {
    return new JsonMismatch(this.at(name), expected, this.get(name));
  }

  get(name: string): unknown {
    return this.fields[name] ?? this.fields[snakeCase(name)] ?? undefined;
  }

  object(name: string): JsonObject | undefined {
    const value = this.get(name);
    return value === undefined ? undefined : new JsonObject(value, this.at(name));
  }

  list<Item>(name: string, read: (item: unknown, path: JsonPath) => Item): Item[] {
    const value = this.get(name);
    if (value === undefined) return [];
    if (!Array.isArray(value)) throw this.mismatch(name, "an array");
    const parent = this.at(name);
    return value.map((item, step) => read(item, { parent, step }));
  }

  text(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.mismatch(name, "a string");
  }

  bool(name: string): boolean | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.mismatch(name, "true or false");
  }

  hex(name: string): string | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || value.length % 2 !== 0 || !/^[0-9a-fA-F]*$/.test(value)) {
      throw this.mismatch(name, "hex digits in pairs");
    }
    return value.toLowerCase();
  }

  uint32(name: string): number | undefined {
    const value = this.integer(name, 0n, 0xffff_ffffn, "an integer from 0 to 4294967295");
    return value === undefined ? undefined : Number(value);
  }

  uint64(name: string): bigint | undefined {
    return this.integer(name, 0n, uint64Max, "an unsigned 64-bit integer as number or string");
  }

  int64(name: string): bigint | undefined {
    return this.integer(name, int64Min, int64Max, "a 64-bit integer as number or string");
  }

  /** The number of one of the names, or a number below 2^32 of which the names need not know. */
  enumeration(name: string, prefix: string, names: readonly string[]): number | undefined {
    const value = this.get(name);
    if (typeof value !== "string" || /^\d/.test(value)) return this.uint32(name);
    const number = names.findIndex((each) => `${prefix}${each}` === value);
    if (number < 0) throw this.mismatch(name, `a number or one of ${names.map((each) => prefix + each).join(", ")}`);
    return number;
  }

  double(name: string): number | undefined {
    const value = this.get(name);
    if (value === undefined || typeof value === "number") return value;
    if (value === "NaN") return Number.NaN;
    if (typeof value === "string" && /^-?(?:Infinity|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)$/.test(value))
      return Number(value);
    throw this.mismatch(name, 'a number, "NaN", "Infinity" or "-Infinity"');
  }

  bytes(name: string): Uint8Array | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !/^[A-Za-z0-9+/_-]*={0,2}$/.test(value)) throw this.mismatch(name, "base64");
    return new Uint8Array(Buffer.from(value, "base64"));
  }

  private integer(name: string, least: bigint, greatest: bigint, expected: string): bigint | undefined {
    const value = this.get(name);
    if (value === undefined) return undefined;
    const whole =
      typeof value === "number" ? Number.isInteger(value) : typeof value === "string" && /^-?\d{1,20}$/.test(value);
    if (!whole) throw this.mismatch(name, expected);
    const integer = BigInt(value as number | string);
    if (integer < least || integer > greatest) throw this.mismatch(name, expected);
    return integer;
  }
}

const snakeNames = new Map<string, string>();

function snakeCase(name: string): string {
  let snake = snakeNames.get(name);
  if (snake === undefined) {
    snake = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    snakeNames.set(name, snake);
  }
  return snake;
}
