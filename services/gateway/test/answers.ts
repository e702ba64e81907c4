import { Cursor, WireType } from "@spanhouse/schemas/otlp/cursor";

type Fields = Map<number, number | Uint8Array>;

/** Varints and delimited fields of a protobuf message, by number. */
function fieldsOf(bytes: Uint8Array): Fields {
  const cursor = new Cursor(bytes);
  const fields: Fields = new Map();
  while (cursor.pos < bytes.length) {
    const tag = cursor.tag(bytes.length);
    if ((tag & 7) === WireType.varint) fields.set(tag >>> 3, cursor.varint(bytes.length));
    else {
      const end = cursor.delimited(bytes.length);
      fields.set(tag >>> 3, bytes.subarray(cursor.pos, end));
      cursor.pos = end;
    }
  }
  if (cursor.failure !== undefined) throw new Error(cursor.failure.message);
  return fields;
}

const text = (value: number | Uint8Array | undefined) => new TextDecoder().decode(value as Uint8Array | undefined);

/** A google.rpc.Status, from whichever encoding the answer has. */
export async function statusIn(response: Response): Promise<{ code: number; message: string }> {
  if (response.headers.get("content-type") === "application/json") {
    return (await response.json()) as { code: number; message: string };
  }
  const fields = fieldsOf(new Uint8Array(await response.arrayBuffer()));
  return { code: fields.get(1) as number, message: text(fields.get(2)) };
}

/** An ExportTraceServiceResponse's partial success; undefined when it has none. */
export async function partialSuccessIn(
  response: Response,
): Promise<{ rejectedSpans: number; errorMessage: string } | undefined> {
  if (response.headers.get("content-type") === "application/json") {
    const { partialSuccess } = (await response.json()) as {
      partialSuccess?: { rejectedSpans: string; errorMessage: string };
    };
    return partialSuccess && { ...partialSuccess, rejectedSpans: Number(partialSuccess.rejectedSpans) };
  }
  return partialSuccessOf(new Uint8Array(await response.arrayBuffer()));
}

/** The same, of an answer's protobuf. */
export function partialSuccessOf(answer: Uint8Array): { rejectedSpans: number; errorMessage: string } | undefined {
  const partial = fieldsOf(answer).get(1) as Uint8Array | undefined;
  if (partial === undefined) return undefined;
  const fields = fieldsOf(partial);
  return { rejectedSpans: fields.get(1) as number, errorMessage: text(fields.get(2)) };
}

/** When a google.rpc.Status of `grpc-status-details-bin` says to come again, in seconds; undefined when it does not. */
export function retryDelayIn(status: Uint8Array): number | undefined {
  const any = fieldsOf(status).get(3) as Uint8Array | undefined;
  if (any === undefined) return undefined;
  const fields = fieldsOf(any);
  if (text(fields.get(1)) !== "type.googleapis.com/google.rpc.RetryInfo") return undefined;
  const delay = fieldsOf(fieldsOf(fields.get(2) as Uint8Array).get(1) as Uint8Array);
  return Number(delay.get(1) ?? 0) + Number(delay.get(2) ?? 0) / 1e9;
}
