import type { AttributeList } from "./attributes.ts";
import { activeParent } from "./context.ts";
import type { Parent } from "./span.ts";

/** What goes along to another process or thread; W3C's `traceparent` and `baggage`. Plain text: for headers or a message. */
export interface Carrier {
  traceparent?: string;
  baggage?: string;
  [header: string]: unknown;
}

/** What is read of a baggage, and written: whatever else is in it is its owner's to read. `SPANS.md` has the list. */
const inBaggage: ReadonlySet<unknown> = new Set([
  "user.id",
  "gen_ai.conversation.id",
  "spanhouse.feature",
  "spanhouse.team",
  "spanhouse.cost_centre",
  "gen_ai.prompt.name",
  "gen_ai.prompt.version",
]);

/**
 * Writes where in the trace the program is into the carrier, and returns it. Outside of a trace it stays as it is. Hand what
 * comes of it to `extract` on the other side. Never throws. https://www.w3.org/TR/trace-context/, https://www.w3.org/TR/baggage/
 */
export const inject = <C extends Carrier>(carrier: C = {} as C): C => {
  const parent = activeParent();
  if (parent === undefined) return carrier;
  const { traceId, spanId, inherited } = parent;
  const target: Carrier = carrier;
  target.traceparent = `00-${traceId}-${spanId}-01`;
  const entries: string[] = target.baggage ? [target.baggage] : [];
  for (let i = 0; i < inherited.length; i += 2) {
    if (inBaggage.has(inherited[i])) entries.push(`${inherited[i]}=${encodeURIComponent(String(inherited[i + 1]))}`);
  }
  if (entries.length > 0) target.baggage = entries.join(",");
  return carrier;
};

/**
 * Where the carrier says that the trace goes on: for `trace(name, { parent: extract(headers) }, …)`. Undefined where it says
 * nothing, or nothing that makes sense. Header names may be in any case; `Headers` are taken too. Never throws.
 */
export const extract = (carrier: Carrier | Headers): Parent | undefined => {
  const match = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(headerOf(carrier, "traceparent"));
  const [, traceId = "", spanId = ""] = match ?? [];
  if (!/[1-9a-f]/.test(traceId) || !/[1-9a-f]/.test(spanId)) return undefined;
  const inherited: AttributeList = [];
  for (const entry of headerOf(carrier, "baggage").split(",")) {
    const [name = "", value = ""] = entry.split(";", 1)[0]!.split("=", 2);
    if (!inBaggage.has(name.trim())) continue;
    try {
      inherited.push(name.trim(), decodeURIComponent(value.trim()));
    } catch {
      // A value that is not percent-encoded text is nobody's of ours.
    }
  }
  return { traceId, spanId, inherited };
};

const headerOf = (carrier: Carrier | Headers, name: string): string => {
  if (typeof carrier.get === "function") return String((carrier as Headers).get(name) ?? "");
  const key = Object.keys(carrier).find((header) => header.toLowerCase() === name);
  const value = key === undefined ? undefined : (carrier as Carrier)[key];
  return typeof value === "string" ? value : "";
};
