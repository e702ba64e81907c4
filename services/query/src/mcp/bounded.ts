/** How an answer of a tool is kept to a size that an assistant's context can bear. */

/** Characters of a text within a fact; whole texts are read in pages. */
const maxText = 200;
const maxItems = 10;

/** The start of a long text, and how long it is. */
export function clipped(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}… (${text.length} characters)`;
}

/**
 * Every text clipped, of every list the first entries, and of all together about so many characters: facts are short where
 * nobody plays tricks.
 */
export function clippedFacts(value: unknown, characters: number): unknown {
  let left = characters;
  function kept(one: unknown): unknown {
    if (left <= 0) return "…";
    if (typeof one === "string") {
      const text = clipped(one);
      left -= text.length + 3;
      return text;
    }
    if (Array.isArray(one)) {
      const items = one.slice(0, maxItems).map(kept);
      return one.length <= maxItems ? items : [...items, `… ${one.length - maxItems} more`];
    }
    if (typeof one !== "object" || one === null) {
      left -= 6;
      return one;
    }
    const shown: [string, unknown][] = [];
    const entries = Object.entries(one);
    for (const [key, inner] of entries) {
      if (left <= 0) {
        shown.push(["…", `${entries.length - shown.length} more`]);
        break;
      }
      left -= key.length + 4;
      shown.push([clipped(key), kept(inner)]);
    }
    return Object.fromEntries(shown);
  }
  return kept(value);
}

/** What is zero, empty, false or null says nothing that its absence does not. */
export function withoutNothing<T extends object>(facts: T): Partial<T> {
  const said = Object.entries(facts).filter(
    ([, value]) =>
      value !== null && value !== "" && value !== 0 && value !== false && value !== "none" && !isEmptyList(value),
  );
  return Object.fromEntries(said) as Partial<T>;
}

function isEmptyList(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly total: number;
  /** Where the next page begins; null: there is none. */
  readonly next_offset: number | null;
}

export function pageOf<T>(items: readonly T[], offset: number, limit: number): Page<T> {
  const page = items.slice(offset, offset + limit);
  const next = offset + page.length;
  return { items: page, total: items.length, next_offset: next < items.length ? next : null };
}
