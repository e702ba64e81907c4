import { activeOtelSpan, withinOtel } from "./opentelemetry.ts";
import { builtin } from "./runtime.ts";
import type { Parent, Span } from "./span.ts";

interface Storage {
  getStore(): Parent | undefined;
  run<T>(parent: Parent, call: () => T): T;
}

type StorageClass = new () => Storage;

/** Without the class (a browser, say) nothing is active in asynchronous work. */
const noStorage = (): Storage => {
  let active: Parent | undefined;
  return {
    getStore: () => active,
    run(parent, call) {
      const before = active;
      active = parent;
      try {
        return call();
      } finally {
        active = before;
      }
    },
  };
};

const createStorage = (): Storage => {
  const Class =
    (builtin("node:async_hooks")?.AsyncLocalStorage as StorageClass | undefined) ??
    (globalThis as { readonly AsyncLocalStorage?: StorageClass }).AsyncLocalStorage;
  return Class === undefined ? noStorage() : new Class();
};

/** One for the process: the ESM and the CJS build of this package share it. */
const key = Symbol.for("spanhouse.context.1");
const shared = globalThis as { [key]?: Storage };

/**
 * What a new span stands below: our active span, or OpenTelemetry's where that one lies deeper. On Node 20 an
 * AsyncLocalStorage that was never run costs nothing, one that was costs every promise of the process: so model calls only
 * read it.
 */
export const activeParent = (): Parent | undefined => {
  const ours = shared[key]?.getStore();
  const otel = activeOtelSpan();
  if (otel === undefined || otel.spanId === ours?.spanId) return ours;
  return { traceId: otel.traceId, spanId: otel.spanId, inherited: ours?.inherited ?? [] };
};

export const activeSpan = (): Span | undefined => {
  const parent = shared[key]?.getStore();
  return parent !== undefined && "tracer" in parent ? (parent as Span) : undefined;
};

export const runBelow = <T>(parent: Parent, call: () => T): T => {
  shared[key] ??= createStorage();
  return shared[key].run(parent, () => withinOtel(parent, call));
};
