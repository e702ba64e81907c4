import type { DecodedScope, DecodedSpan } from "./decoded.ts";
import { viewOf, xxh32 } from "./xxh32.ts";

const encoder = new TextEncoder();

/** What spans of one scope have in common; a scope belongs to one resource of one request, and its spans follow each other. */
interface CommonHash {
  readonly scope: DecodedScope;
  readonly project: string;
  readonly view: DataView;
  readonly hash: number;
}

let last: CommonHash | undefined;
let projectSeed = { project: "", hash: xxh32(new Uint8Array(0), 0, 0, 0) };

/**
 * 30 bits over every byte that a span's content is derived from: the project, the resource and the scope with their
 * schema URLs, the span. The same however the request was batched or split. Each stretch is the seed of the next, so
 * none can lend bytes to its neighbour.
 */
export function contentHash(span: DecodedSpan, project: string): number {
  if (last?.scope !== span.scope || last.project !== project) last = commonHash(span, project);
  return xxh32(span.bytes, span.start, span.end, last.hash, last.view) >>> 2;
}

function commonHash({ bytes, resource, scope }: DecodedSpan, project: string): CommonHash {
  const view = viewOf(bytes);
  if (project !== projectSeed.project) {
    const projectBytes = encoder.encode(project);
    projectSeed = { project, hash: xxh32(projectBytes, 0, projectBytes.length, 0) };
  }
  let { hash } = projectSeed;
  for (const part of [resource, scope]) {
    hash = xxh32(bytes, part.start, part.end, hash, view);
    hash = xxh32(bytes, part.schemaUrlStart, part.schemaUrlEnd, hash, view);
  }
  return { scope, project, view, hash };
}
