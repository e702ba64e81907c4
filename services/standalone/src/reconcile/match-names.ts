/** A name of the bill and what the same is called in spans: of models and keys. `*` stands for any characters. */
export interface Alias {
  readonly billed: string;
  readonly stored: string;
}

/**
 * What a billed model is called in spans: by an alias; the same name; else the one stored name that has all words of the
 * billed one (`Claude4.6Sonnet`, `gpt 4o` in `gpt-4o-2024-08-06`), that with the fewest words beside. Its own name where
 * none or several fit: then it stands for itself.
 */
export function modelNames(stored: Iterable<string>, aliases: readonly Alias[]): (billed: string) => string {
  const names = [...new Set(stored)].filter((name) => name !== "");
  const exact = new Map(names.map((name) => [name.toLowerCase(), name]));
  return memoised(
    (billed) => aliased(billed, aliases) ?? exact.get(billed.toLowerCase()) ?? byWords(billed, names) ?? billed,
  );
}

export function keyNames(aliases: readonly Alias[]): (billed: string) => string {
  return (billed) => aliased(billed, aliases) ?? billed;
}

/** Tiers at the list price have many names. A region beside the tier (`batch+us`) is no tier. */
export function tierName(tier: string): string {
  const name = tier.toLowerCase().split("+")[0]!;
  return ["", "default", "auto", "standard_only", "on_demand"].includes(name) ? "standard" : name;
}

function aliased(billed: string, aliases: readonly Alias[]): string | undefined {
  return aliases.find((alias) => globbed(alias.billed).test(billed))?.stored;
}

function globbed(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split("*")
      .map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, "\\$&"))
      .join(".*")}$`,
    "i",
  );
}

function byWords(billed: string, names: readonly string[]): string | undefined {
  const wanted = wordsOf(billed);
  if (wanted.size === 0) return undefined;
  const fitting = names
    .map((name) => ({ name, words: wordsOf(name) }))
    .filter(({ words }) => [...wanted].every((word) => words.has(word)))
    .map(({ name, words }) => ({
      name,
      beside: [...words].filter((word) => !wanted.has(word) && !vendors.has(word)).length,
    }))
    .sort((a, b) => a.beside - b.beside);
  return fitting.length === 1 || fitting[0]?.beside !== fitting[1]?.beside ? fitting[0]?.name : undefined;
}

const vendors = new Set([
  "anthropic",
  "openai",
  "meta",
  "amazon",
  "mistral",
  "cohere",
  "us",
  "eu",
  "apac",
  "global",
  "v",
  "1",
  "0",
]);

/** Letters and numbers; a date is none. */
function wordsOf(name: string): Set<string> {
  const dateless = name.toLowerCase().replaceAll(/\d{4}-\d{2}-\d{2}|\d{8}|\b\d{4}\b/g, " ");
  return new Set(dateless.match(/[a-z]+|\d+/g) ?? []);
}

function memoised(compute: (name: string) => string): (name: string) => string {
  const known = new Map<string, string>();
  return (name) => {
    const value = known.get(name) ?? compute(name);
    known.set(name, value);
    return value;
  };
}
