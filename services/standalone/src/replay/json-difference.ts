/** A place in two JSON values at which they differ. */
export interface Difference {
  /** As one would write it in JavaScript: `messages[2].content`; empty for the whole. */
  readonly path: string;
  /** What differs, with a little of what is around it; null: not there. */
  readonly recorded: string | null;
  readonly replayed: string | null;
}

/** So many places are told; of more there is no overview. */
const mostDifferences = 50;
/** Characters of what is the same, before and after. */
const context = 40;
const longest = 400;

/** Where two texts differ: by their JSON where both are JSON, else as texts. */
export function differencesOf(recorded: string, replayed: string): Difference[] {
  if (recorded === replayed) return [];
  const found: Difference[] = [];
  compare(found, "", parsed(recorded), parsed(replayed));
  return found.slice(0, mostDifferences);
}

function compare(found: Difference[], path: string, a: unknown, b: unknown): void {
  if (found.length >= mostDifferences || same(a, b)) return;
  if (Array.isArray(a) && Array.isArray(b)) compareLists(found, path, a, b);
  else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)])) {
      compare(
        found,
        /^\w+$/.test(key) ? `${path}${path && "."}${key}` : `${path}[${JSON.stringify(key)}]`,
        a[key],
        b[key],
      );
    }
  } else if (typeof a === "string" && typeof b === "string") {
    // Arguments of tools, and what they return, are JSON within a text.
    const [left, right] = [nested(a), nested(b)];
    if (left !== undefined && right !== undefined) compare(found, path, left, right);
    else found.push({ path, ...excerpts(a, b) });
  } else found.push({ path, recorded: shown(a), replayed: shown(b) });
}

/** What both begin and end with is no difference; what lies between is compared place by place. */
function compareLists(found: Difference[], path: string, a: readonly unknown[], b: readonly unknown[]): void {
  let start = 0;
  while (start < Math.min(a.length, b.length) && same(a[start], b[start])) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && same(a[a.length - 1 - end], b[b.length - 1 - end])) end++;
  for (let i = start; i < Math.max(a.length, b.length) - end; i++) {
    compare(found, `${path}[${i}]`, i < a.length - end ? a[i] : undefined, i < b.length - end ? b[i] : undefined);
  }
}

/** From where the texts part to where they meet again, with some of what is around. */
function excerpts(a: string, b: string): { readonly recorded: string; readonly replayed: string } {
  let start = 0;
  while (start < Math.min(a.length, b.length) && a[start] === b[start]) start++;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end++;
  const excerpt = (text: string): string => {
    const from = Math.max(0, start - context);
    const to = Math.min(text.length, text.length - end + context);
    return clip(`${from > 0 ? "…" : ""}${text.slice(from, to)}${to < text.length ? "…" : ""}`);
  };
  return { recorded: excerpt(a), replayed: excerpt(b) };
}

function shown(value: unknown): string | null {
  return value === undefined ? null : clip(typeof value === "string" ? value : JSON.stringify(value));
}

function clip(text: string): string {
  return text.length <= longest ? text : `${text.slice(0, longest / 2)} … ${text.slice(-longest / 2)}`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function nested(text: string): unknown {
  const value = /^\s*[[{]/.test(text) ? parsed(text) : text;
  return typeof value === "string" ? undefined : value;
}

function same(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((one, i) => same(one, b[i]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && same(a[key], b[key]));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
