import { uncompress } from "snappy";

/**
 * Java clients write snappy in the framing of xerial's snappy-java: this magic, two 32-bit versions, then blocks that
 * each follow their 32-bit length, all big-endian. Others (librdkafka) write one bare block.
 */
const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const headerLength = magic.length + 8;

export async function uncompressSnappy(buffer: Buffer): Promise<Buffer> {
  if (!buffer.subarray(0, magic.length).equals(magic)) return inflate(buffer);
  const blocks: Promise<Buffer>[] = [];
  for (let at = headerLength; at < buffer.length; ) {
    const start = at + 4;
    const end = start + buffer.readUInt32BE(at);
    if (end > buffer.length) throw new RangeError(`snappy block ends at byte ${end} of ${buffer.length}`);
    blocks.push(inflate(buffer.subarray(start, end)));
    at = end;
  }
  return Buffer.concat(await Promise.all(blocks));
}

async function inflate(block: Buffer): Promise<Buffer> {
  return (await uncompress(block, { asBuffer: true })) as Buffer;
}
