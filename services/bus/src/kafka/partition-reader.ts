import type { InboundRecord } from "../bus.ts";
import { fingerprintOf } from "../fingerprint.ts";
import type { Start } from "./start-position.ts";

/** What one fetch brought of a partition. */
export interface Fetched {
  /** The offset that the fetch asked for. */
  readonly from: bigint;
  /** The last offset it covers, also of what is not a record (transaction markers). */
  readonly last: bigint;
  readonly records: readonly InboundRecord[];
}

export type ReadOutcome =
  | { readonly kind: "records"; readonly records: readonly InboundRecord[] }
  /** Go on elsewhere; `replaced` when the log is not the one that the checkpoint saw. */
  | { readonly kind: "seek"; readonly to: bigint; readonly replaced: boolean }
  /** Not what was asked for: of an earlier assignment, or Kafka moved the position by itself. */
  | { readonly kind: "astray" };

/** Follows one assigned partition: first checks that the log is the known one, then sees that nothing is skipped. */
export interface PartitionReader {
  /** The next offset to fetch. */
  readonly expected: bigint;
  read(fetched: Fetched): ReadOutcome;
  /** These offsets held no record for anyone. */
  skip(first: bigint, last: bigint): void;
}

export function createPartitionReader({ low, from, verify }: Start): PartitionReader {
  let unverified = verify;
  let expected = verify ? verify.offset : from;

  function seek(to: bigint, replaced: boolean): ReadOutcome {
    expected = to;
    return { kind: "seek", to, replaced };
  }

  return {
    get expected() {
      return expected;
    },
    read({ from: asked, last, records }) {
      if (asked !== expected) return { kind: "astray" };
      if (!unverified) {
        expected = last + 1n;
        return { kind: "records", records };
      }
      const { offset, fingerprint } = unverified;
      unverified = undefined;
      const [first, ...rest] = records;
      if (first?.offset !== offset || fingerprintOf(first) !== fingerprint) return seek(low, true);
      if (from !== offset + 1n) return seek(from, false);
      expected = last + 1n;
      return { kind: "records", records: rest };
    },
    skip(first, last) {
      if (first === expected && !unverified) expected = last + 1n;
    },
  };
}
