/** Why bytes are no protobuf message that can be read. */
export interface WireFailure {
  readonly code: "OTLP_TRUNCATED" | "OTLP_WIRE" | "TOO_MANY_SPANS";
  readonly message: string;
}

export const WireType = { varint: 0, fixed64: 1, delimited: 2, startGroup: 3, endGroup: 4, fixed32: 5 } as const;

/**
 * A place in a protobuf message. Reads nothing at or beyond the `end` it is given. It never throws: the first failure
 * is kept and the cursor goes to the end of the bytes, so that every loop `while (cursor.pos < end)` ends by itself.
 */
export class Cursor {
  readonly bytes: Uint8Array;
  pos: number;
  failure: WireFailure | undefined = undefined;

  private ownView: DataView | undefined = undefined;

  constructor(bytes: Uint8Array, pos = 0) {
    this.bytes = bytes;
    this.pos = pos;
  }

  /** Made when it is asked for: most cursors only look for texts. */
  get view(): DataView {
    this.ownView ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.byteLength);
    return this.ownView;
  }

  fail(code: WireFailure["code"], message: string): void {
    this.failure ??= { code, message };
    this.pos = this.bytes.length;
  }

  /** Where the whole body ends too early it was cut; where only an inner message does, its lengths contradict. */
  overrun(what: string, end: number): void {
    const cut = end === this.bytes.length;
    const where = cut ? "the body" : "the message around it";
    this.fail(
      cut ? "OTLP_TRUNCATED" : "OTLP_WIRE",
      `${what} at byte ${this.pos} runs over the end of ${where} (${end})`,
    );
  }

  /** A varint; exact up to 2^53, beyond that too large to be a length or tag. */
  varint(end: number): number {
    const { bytes } = this;
    let at = this.pos;
    if (at < end) {
      const first = bytes[at++]!;
      if (first < 0x80) {
        this.pos = at;
        return first;
      }
      if (at < end) {
        const second = bytes[at++]!;
        if (second < 0x80) {
          this.pos = at;
          return (first & 0x7f) | (second << 7);
        }
        let value = (first & 0x7f) | ((second & 0x7f) << 7);
        let unit = 2 ** 14;
        const last = Math.min(end, this.pos + 10);
        while (at < last) {
          const byte = bytes[at++]!;
          value += (byte & 0x7f) * unit;
          if (byte < 0x80) {
            this.pos = at;
            return value;
          }
          unit *= 128;
        }
        if (at < end) {
          this.fail("OTLP_WIRE", `a varint at byte ${this.pos} has more than 10 bytes`);
          return 0;
        }
      }
    }
    this.overrun("a varint", end);
    return 0;
  }

  /** Field number << 3 | wire type; 0 after a failure. */
  tag(end: number): number {
    const at = this.pos;
    const tag = this.varint(end);
    if (tag >= 8 && tag <= 0xffff_ffff) return tag;
    this.fail("OTLP_WIRE", `byte ${at} starts no protobuf field`);
    return 0;
  }

  /** Reads a length and returns where that stretch ends; `pos` is then at its start. */
  delimited(end: number): number {
    const length = this.varint(end);
    if (length <= end - this.pos) return this.pos + length;
    this.overrun(`a field of ${length} bytes`, end);
    return this.pos;
  }

  /** Moves over `size` bytes and returns where they started. */
  fixed(size: 4 | 8, end: number): number {
    const at = this.pos;
    if (size <= end - at) this.pos = at + size;
    else this.overrun(`a field of ${size} bytes`, end);
    return at;
  }

  /** Moves over the value of a field that nobody reads. */
  skip(tag: number, end: number): void {
    let groups = 0;
    let current = tag;
    do {
      switch (current & 7) {
        case WireType.varint:
          this.varint(end);
          break;
        case WireType.fixed64:
          this.fixed(8, end);
          break;
        case WireType.fixed32:
          this.fixed(4, end);
          break;
        case WireType.delimited:
          this.pos = this.delimited(end);
          break;
        case WireType.startGroup:
          groups++;
          break;
        case WireType.endGroup:
          if (groups-- > 0) break;
          this.fail("OTLP_WIRE", `a group ends at byte ${this.pos} that never started`);
          return;
        default:
          this.fail("OTLP_WIRE", `wire type ${current & 7} at byte ${this.pos} does not exist`);
          return;
      }
      if (this.failure !== undefined || groups === 0) return;
      current = this.tag(end);
    } while (this.failure === undefined);
  }
}
