/**
 * OpenTelemetry's API as far as it is already there: it shares its state under this global symbol (`@opentelemetry/api` 1.x,
 * src/internal/global-utils.ts), so that it need not be imported, and nothing is registered.
 */
const shared = Symbol.for("opentelemetry.js.api.1");
/** `createContextKey` is `Symbol.for`: src/context/context.ts, src/trace/context-utils.ts. */
const spanKey = Symbol.for("OpenTelemetry Context Key SPAN");
/** `@opentelemetry/core`, src/trace/suppress-tracing.ts. */
const suppressKey = Symbol.for("OpenTelemetry SDK Context Key SUPPRESS_TRACING");

interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
}

interface OtelContextManager {
  active(): OtelContext;
  with<T>(context: OtelContext, call: () => T): T;
}

const contextManager = (): OtelContextManager | undefined =>
  (globalThis as { readonly [shared]?: { readonly context?: OtelContextManager } })[shared]?.context;

/** The ids of OpenTelemetry's active span; undefined where there is none. */
export const activeOtelSpan = (): { readonly traceId: string; readonly spanId: string } | undefined => {
  const manager = contextManager();
  if (manager === undefined) return undefined;
  try {
    const span = manager.active().getValue(spanKey) as
      | { spanContext(): { readonly traceId: string; readonly spanId: string } }
      | undefined;
    const ids = span?.spanContext();
    return ids !== undefined && /^[0-9a-f]{32}$/.test(ids.traceId) && !/^0+$/.test(ids.traceId) ? ids : undefined;
  } catch {
    return undefined;
  }
};

/** A span of ours as OpenTelemetry sees it: spans are put below it, and what is said of it is not heard. */
class OtelFace {
  private readonly context: object;

  constructor(traceId: string, spanId: string) {
    this.context = { traceId, spanId, traceFlags: 1 };
  }

  spanContext(): object {
    return this.context;
  }

  isRecording(): boolean {
    return false;
  }

  end(): void {}
  recordException(): void {}
}
for (const name of ["setAttribute", "setAttributes", "addEvent", "addLink", "addLinks", "setStatus", "updateName"]) {
  Object.defineProperty(OtelFace.prototype, name, {
    value(this: OtelFace) {
      return this;
    },
  });
}

/** Runs the call with a span of ours active for OpenTelemetry too, where it is set up: its spans in it lie below ours. */
export const withinOtel = <T>({ traceId, spanId }: { traceId: string; spanId: string }, call: () => T): T => {
  const manager = contextManager();
  if (manager === undefined) return call();
  return manager.with(manager.active().setValue(spanKey, new OtelFace(traceId, spanId)), call);
};

/** Runs the call so that OpenTelemetry's instrumentations, of `http` say, make no spans of it. */
export const withoutTracing = <T>(call: () => T): T => {
  const manager = contextManager();
  return manager === undefined ? call() : manager.with(manager.active().setValue(suppressKey, true), call);
};
