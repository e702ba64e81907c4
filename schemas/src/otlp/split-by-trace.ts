import { WireType } from "./cursor.ts";
import type { DecodedResource, DecodedScope, DecodedSpan, DecodedTraces } from "./decoded.ts";

/**
 * One request a trace, by trace id: resources, scopes and spans byte for byte, those without spans of the trace left
 * out. Rejected spans are in none. A request that is one trace and nothing else is handed back as it is.
 */
export function splitByTrace(traces: DecodedTraces): Map<string, Uint8Array> {
  const { spans } = traces;
  const first = spans[0];
  if (first === undefined) return new Map();
  if (traces.rejected.length === 0 && spans.every((span) => span.traceId === first.traceId)) {
    return new Map([[first.traceId, traces.bytes]]);
  }
  const byTrace = new Map<string, DecodedSpan[]>();
  for (const span of spans) {
    const group = byTrace.get(span.traceId);
    if (group === undefined) byTrace.set(span.traceId, [span]);
    else group.push(span);
  }
  return new Map(Array.from(byTrace, ([traceId, group]) => [traceId, requestOf(group)]));
}

/** Lengths of the messages to write, in the order in which they are written. */
interface Layout {
  readonly sizes: number[];
  readonly total: number;
}

/** A request of these spans alone; spans of one resource and one scope must stand together, as they were decoded. */
export function requestOf(spans: readonly DecodedSpan[]): Uint8Array {
  const { sizes, total } = layoutOf(spans);
  const out = new Uint8Array(total);
  let at = 0;
  let next = 0;
  const varint = (value: number): void => {
    let rest = value;
    while (rest > 0x7f) {
      out[at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    out[at++] = rest;
  };
  const header = (field: number, size: number): void => {
    out[at++] = (field << 3) | WireType.delimited;
    varint(size);
  };
  const copy = (field: number, bytes: Uint8Array, start: number, end: number): void => {
    header(field, end - start);
    out.set(bytes.subarray(start, end), at);
    at += end - start;
  };
  const head = (bytes: Uint8Array, of: DecodedResource | DecodedScope): void => {
    if (of.end > of.start) copy(1, bytes, of.start, of.end);
    if (of.schemaUrlEnd > of.schemaUrlStart) copy(3, bytes, of.schemaUrlStart, of.schemaUrlEnd);
  };
  let resource: DecodedResource | undefined;
  let scope: DecodedScope | undefined;
  for (const span of spans) {
    if (span.resource !== resource) {
      resource = span.resource;
      header(1, sizes[next++]!);
      head(span.bytes, resource);
    }
    if (span.scope !== scope) {
      scope = span.scope;
      header(2, sizes[next++]!);
      head(span.bytes, scope);
    }
    copy(2, span.bytes, span.start, span.end);
  }
  return out;
}

function layoutOf(spans: readonly DecodedSpan[]): Layout {
  const sizes: number[] = [];
  let total = 0;
  let resource: DecodedResource | undefined;
  let scope: DecodedScope | undefined;
  let resourceAt = 0;
  let scopeAt = 0;
  const closeScope = (): void => {
    if (scope !== undefined) sizes[resourceAt]! += fieldSize(sizes[scopeAt]!);
  };
  const closeResource = (): void => {
    closeScope();
    if (resource !== undefined) total += fieldSize(sizes[resourceAt]!);
  };
  for (const span of spans) {
    if (span.resource !== resource) {
      closeResource();
      resource = span.resource;
      scope = undefined;
      resourceAt = sizes.push(headSize(resource)) - 1;
    }
    if (span.scope !== scope) {
      closeScope();
      scope = span.scope;
      scopeAt = sizes.push(headSize(scope)) - 1;
    }
    sizes[scopeAt]! += fieldSize(span.end - span.start);
  }
  closeResource();
  return { sizes, total };
}

function headSize(of: DecodedResource | DecodedScope): number {
  const url = of.schemaUrlEnd - of.schemaUrlStart;
  return (of.end > of.start ? fieldSize(of.end - of.start) : 0) + (url > 0 ? fieldSize(url) : 0);
}

/** Bytes of a delimited field of `size` bytes with a number below 16. */
function fieldSize(size: number): number {
  let bytes = 2 + size;
  for (let rest = size; rest > 0x7f; rest >>>= 7) bytes++;
  return bytes;
}
