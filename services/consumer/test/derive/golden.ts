import { readdirSync, readFileSync } from "node:fs";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { textOf } from "@spanhouse/schemas/slice";
import type { DeriveSpan } from "../../src/derive/derive-span.ts";
import type { SpanDerivation } from "../../src/derive/span-derivation.ts";
import { protobufOf } from "./otlp-json.ts";

const root = new URL("./fixtures/", import.meta.url);

export const fixtureCases: readonly string[] = readdirSync(root).sort();

export function expectedFile(name: string): string {
  return new URL(`${name}/expected.json`, root).pathname;
}

/** What the derivation makes of a fixture, as a file can hold it. `vitest -u` writes the expected files again. */
export function derivedText(deriveSpan: DeriveSpan, name: string): string {
  const outcome = decodeTraces(protobufOf(readFileSync(new URL(`${name}/span.json`, root), "utf8")));
  if (outcome.kind === "failed") throw new Error(`${name}: ${outcome.message}`);
  const span = outcome.traces.spans[0];
  if (!span) throw new Error(`${name}: ${outcome.traces.rejected[0]?.message ?? "no span"}`);
  return `${JSON.stringify(printable(deriveSpan(span, "shop"), span), replacer, 2)}\n`;
}

/** Slices as text, used attributes by name; the price book's version is its own affair, and here are no rules. */
function printable(span: SpanDerivation, decoded: Parameters<DeriveSpan>[0]): unknown {
  const { mappedOwnership: _rules, ...derived } = span;
  const { version: _, ...price } = span.price;
  return {
    ...derived,
    price,
    content: Object.fromEntries(Object.entries(span.content).map(([name, slice]) => [name, textOf(slice)])),
    usedAttributes: span.usedAttributes.map((index) => decoded.attributes.key(index)).sort(),
  };
}

function replacer(_key: string, value: unknown): unknown {
  return typeof value === "bigint" ? value.toString() : value;
}
