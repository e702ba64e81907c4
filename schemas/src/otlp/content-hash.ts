import type { DecodedScope, DecodedSpan } from "./decoded.ts";
import { viewOf, xxh32 } from "./xxh32.ts";

const encoder = new TextEncoder();

/** What spans of one scope have in common; a scope belongs to one resource of one request. */
interface CommonHash {
  readonly project: string;
  readonly view: DataView;
  readonly hash: number;
}

const commonHashes = new WeakMap<DecodedScope, CommonHash>();

/**
 * 30 bits over every byte that a span's content is derived from: the project, the resource and the scope with their
 * schema URLs, the span. The same however the request was batched or split. Each stretch is the seed of the next, so
 * none can lend bytes to its neighbour.
 */
export function contentHash(span: DecodedSpan, project: string): number {
  let common = commonHashes.get(span.scope);
  if (common === undefined || common.project !== project) {
    common = commonHash(span, project);
    commonHashes.set(span.scope, common);
  }
  return xxh32(span.bytes, span.start, span.end, common.hash, common.view) >>> 2;
}

function commonHash({ bytes, resource, scope }: DecodedSpan, project: string): CommonHash {
  const view = viewOf(bytes);
  const projectBytes = encoder.encode(project);
  let hash = xxh32(projectBytes, 0, projectBytes.length, 0);
  for (const part of [resource, scope]) {
    hash = xxh32(bytes, part.start, part.end, hash, view);
    hash = xxh32(bytes, part.schemaUrlStart, part.schemaUrlEnd, hash, view);
  }
  return { project, view, hash };
}
