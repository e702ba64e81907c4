/**
 * The version of a row of `spans`, a UInt64, high to low:
 *
 *     erased:1 | has_usage:1 | revision:8 | content_hash:30 | void:1 | aggregate:1 | code:8 | price:14
 *
 * No clock and no offset, so that the same record always gives the same version. The marks stand above code and price:
 * a writer that has not seen them yet cannot win against them by deriving the row anew.
 */
export interface VersionParts {
  readonly erased: boolean;
  readonly hasUsage: boolean;
  /** 0–255. */
  readonly revision: number;
  /** 30 bits over every byte of the span and every header of its record. */
  readonly contentHash: number;
  /** Another row of the same span id counts. */
  readonly void: boolean;
  /** Its usage repeats what spans below or beside it report. */
  readonly aggregate: boolean;
  /** Activation numbers of the derivation, 0–255, and of the prices, 0–16383. */
  readonly code: number;
  readonly price: number;
}

export interface Marks {
  readonly void: boolean;
  readonly aggregate: boolean;
}

const codeShift = 14n;
const aggregateBit = 1n << 22n;
const voidBit = 1n << 23n;
/** Above it stands what a row's content decides; below it marks, code and price. */
export const contentShift = 24n;
const revisionShift = 54n;
const hasUsageBit = 1n << 62n;
const erasedBit = 1n << 63n;

const maxCode = 0xff;
const maxPrice = 0x3fff;

/** The halves of a version and the version, in one memory: a row has one, and BigInts shifted into place are dear. */
const halves = new Uint32Array(2);
const whole = new BigUint64Array(halves.buffer);
const [low, high] = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? [0, 1] : [1, 0];

/** Throws RangeError when a part does not fit its bits. */
export function packVersion(parts: VersionParts): bigint {
  const contentHash = checked("contentHash", parts.contentHash, 0x3fffffff);
  halves[high] =
    (parts.erased ? 1 << 31 : 0) |
    (parts.hasUsage ? 1 << 30 : 0) |
    (checked("revision", parts.revision, 0xff) << 22) |
    (contentHash >>> 8);
  halves[low] =
    ((contentHash & 0xff) << 24) |
    (parts.void ? 1 << 23 : 0) |
    (parts.aggregate ? 1 << 22 : 0) |
    (checked("code", parts.code, maxCode) << 14) |
    checked("price", parts.price, maxPrice);
  return whole[0]!;
}

export function unpackVersion(version: bigint): VersionParts {
  return {
    erased: (version & erasedBit) !== 0n,
    hasUsage: (version & hasUsageBit) !== 0n,
    revision: Number((version >> revisionShift) & 0xffn),
    contentHash: Number((version >> contentShift) & 0x3fffffffn),
    void: isVoid(version),
    aggregate: isAggregate(version),
    code: Number((version >> codeShift) & 0xffn),
    price: Number(version & 0x3fffn),
  };
}

/**
 * What is compared between rows of one span id in different buckets: has_usage, revision and content hash (39 bits).
 * Not `erased`: rows are erased one by one, and a half-done erasure must not change which of them counts.
 */
export function contentRank(version: bigint): number {
  return Number((version >> contentShift) & 0x7fffffffffn);
}

export function isVoid(version: bigint): boolean {
  return (version & voidBit) !== 0n;
}

export function isAggregate(version: bigint): boolean {
  return (version & aggregateBit) !== 0n;
}

/** Its texts and the person were blanked; see erasure/erased-rows.ts. */
export function isErased(version: bigint): boolean {
  return (version & erasedBit) !== 0n;
}

export function withErased(version: bigint): bigint {
  return version | erasedBit;
}

/** Only ever sets bits: a mark that is there stays. */
export function withMarks(version: bigint, marks: Marks): bigint {
  return version | (marks.void ? voidBit : 0n) | (marks.aggregate ? aggregateBit : 0n);
}

function checked(name: string, value: number, greatest: number): number {
  if (Number.isInteger(value) && value >= 0 && value <= greatest) return value;
  throw new RangeError(`${name} is ${value}, expected an integer from 0 to ${greatest}`);
}
