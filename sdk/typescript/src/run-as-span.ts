import { runBelow } from "./context.ts";
import type { Span } from "./span.ts";

/**
 * Runs the work and ends the span when it is over: at once, when its promise is settled, or when its iterator is at its end
 * or left. Returns what the work returns; a promise is returned as one of the same outcome, an iterator as one of the
 * same items.
 */
export const runAsSpan = <Result>(span: Span, work: () => Result, onResult?: (result: unknown) => void): Result => {
  const succeed = (result: unknown): void => {
    try {
      onResult?.(result);
    } finally {
      span.tracer.end(span);
    }
  };
  const fail = (error: unknown): void => {
    span.fail(error);
    span.tracer.end(span);
  };

  let result: Result;
  try {
    result = work();
  } catch (error) {
    fail(error);
    throw error;
  }
  if (isPromise(result)) {
    return result.then(
      (value) => {
        succeed(value);
        return value;
      },
      (error: unknown) => {
        fail(error);
        throw error;
      },
    ) as Result;
  }
  if (isGenerator(result)) {
    followIterator(span, result, succeed, fail);
    return result;
  }
  succeed(result);
  return result;
};

/** A native promise. One that does more when it is awaited, as the clients' do, is the caller's to await. */
export const isPromise = (value: unknown): value is Promise<unknown> =>
  typeof (value as { then?: unknown } | null | undefined)?.then === "function";

interface AnyGenerator {
  next(...args: unknown[]): unknown;
  return(...args: unknown[]): unknown;
  throw(...args: unknown[]): unknown;
}

const isGenerator = (value: unknown): value is AnyGenerator => {
  if (typeof value !== "object" || value === null) return false;
  const { next, return: end, throw: fail } = value as Partial<AnyGenerator>;
  const iterates = Symbol.iterator in value || Symbol.asyncIterator in value;
  return iterates && typeof next === "function" && typeof end === "function" && typeof fail === "function";
};

/** The body of a generator runs when it is asked for more: each time below the span. */
const followIterator = (
  span: Span,
  generator: AnyGenerator,
  succeed: (items: unknown) => void,
  fail: (error: unknown) => void,
): void => {
  const items: unknown[] = [];
  const see = (step: IteratorResult<unknown>): IteratorResult<unknown> => {
    if (step.done) succeed(items);
    else if (items.length < 10_000) items.push(step.value);
    return step;
  };
  for (const method of ["next", "return", "throw"] as const) {
    const original = generator[method];
    generator[method] = (...args) => {
      try {
        const step = runBelow(span, () => original.apply(generator, args));
        if (!isPromise(step)) return see(step as IteratorResult<unknown>);
        return step.then(
          (value) => see(value as IteratorResult<unknown>),
          (error: unknown) => {
            fail(error);
            throw error;
          },
        );
      } catch (error) {
        fail(error);
        throw error;
      }
    };
  }
};
