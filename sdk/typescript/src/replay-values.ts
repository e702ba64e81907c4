import { activeSpan } from "./context.ts";
import type { Span } from "./span.ts";

/** By span, the values of each name so far, as JSON. */
const values = new WeakMap<Span, Map<string, string[]>>();

/**
 * A value that differs from run to run (the time, a random number, a new id): made now and noted on the active span, in a
 * replay the recorded one. It must be one that JSON can say. Outside of a span it is made and forgotten.
 */
export const replayValue = <T>(name: string, make: () => T): T => {
  const span = activeSpan();
  if (span === undefined) return make();
  const ofSpan = values.get(span) ?? new Map<string, string[]>();
  values.set(span, ofSpan);
  const told = ofSpan.get(name) ?? [];
  ofSpan.set(name, told);
  const { world } = span.tracer.settings;
  const value =
    world.value === undefined ? make() : world.value({ name, index: told.length, spanId: span.spanId }, make);
  told.push(JSON.stringify(value) ?? "null");
  span.replace(`spanhouse.value.${name}`, [...told]);
  return value;
};

/** `Date.now()`. */
export const replayTime = (): number => replayValue("time", () => Date.now());

/** `Math.random()`. */
export const replayRandom = (): number => replayValue("random", () => Math.random());

/** `crypto.randomUUID()`. */
export const replayId = (): string => replayValue("id", () => crypto.randomUUID());
