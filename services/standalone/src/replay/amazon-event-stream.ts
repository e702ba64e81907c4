import { crc32 } from "node:zlib";

/**
 * A stream of Bedrock's in Amazon's binary frames again. It was kept as server-sent events, of which each has the name and
 * the JSON of a frame; the events of an invoked model stand in a frame `chunk`, in base64.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/RESTSelectObjectAppendix.html (the frames of all AWS event streams)
 */
export function amazonFrames(text: string): readonly Buffer[] {
  return [...text.matchAll(/^event: (.+)\ndata: (.*)\n\n/gm)].map(([, kind = "", data = ""]) => {
    const isException = kind.endsWith("Exception");
    const payload = kind === "chunk" ? JSON.stringify({ bytes: Buffer.from(data).toString("base64") }) : data;
    return frame(
      {
        [isException ? ":exception-type" : ":event-type"]: kind,
        ":content-type": "application/json",
        ":message-type": isException ? "exception" : "event",
      },
      Buffer.from(payload),
    );
  });
}

/** Of a header's value: a string. */
const stringType = 7;

/** Total length, length of the headers, checksum of both; headers; payload; checksum of all before. */
function frame(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const head = Buffer.concat(
    Object.entries(headers).map(([name, value]) =>
      Buffer.concat([
        Buffer.from([name.length]),
        Buffer.from(name),
        header(Buffer.byteLength(value)),
        Buffer.from(value),
      ]),
    ),
  );
  const prelude = uint32(16 + head.length + payload.length, head.length);
  const checked = Buffer.concat([prelude, uint32(crc32(prelude)), head, payload]);
  return Buffer.concat([checked, uint32(crc32(checked))]);
}

function header(bytes: number): Buffer {
  return Buffer.from([stringType, bytes >> 8, bytes & 0xff]);
}

function uint32(...numbers: readonly number[]): Buffer {
  const buffer = Buffer.alloc(4 * numbers.length);
  for (const [at, number] of numbers.entries()) buffer.writeUInt32BE(number, 4 * at);
  return buffer;
}
