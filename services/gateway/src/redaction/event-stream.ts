/** A streamed answer as its raw text: lines of `event:` and `data:`. */
export function isEventStream(text: string): boolean {
  return /^(?:data|event|id):/.test(text);
}

/** A string in an event, and how to change it. */
interface Leaf {
  readonly text: string;
  readonly set: (text: string) => void;
}

/** Names whose values are no part of what the model says. */
const structural = /^(?:id|object|type|model|role|event|.*_id|.*Id|finish_?reason|stop_?reason|system_fingerprint)$/i;

/**
 * Rewrites what a stream says. An address is cut over several events, a few letters each: so the strings of one place in
 * all events are joined, rewritten as one text, and laid into the events again. Events in which nothing changed stay byte
 * for byte what they were.
 */
export function rewriteEventStream(text: string, rewrite: (text: string) => string): string {
  const lines = text.split("\n");
  const events: Array<{ readonly line: number; readonly value: object; changed: boolean }> = [];
  const places = new Map<string, Leaf[]>();

  lines.forEach((line, index) => {
    if (!line.startsWith("data:")) return;
    let value: unknown;
    try {
      value = JSON.parse(line.slice(5));
    } catch {
      const told = rewrite(line.slice(5));
      if (told !== line.slice(5)) lines[index] = `data:${told}`;
      return;
    }
    if (typeof value !== "object" || value === null) return;
    const event = { line: index, value, changed: false };
    events.push(event);
    collect(value, "", (place, leaf) => {
      const marked = {
        text: leaf.text,
        set(told: string) {
          leaf.set(told);
          event.changed = true;
        },
      };
      const leaves = places.get(place);
      if (leaves === undefined) places.set(place, [marked]);
      else leaves.push(marked);
    });
  });

  for (const leaves of places.values()) layInto(leaves, rewrite(leaves.map((leaf) => leaf.text).join("")));
  for (const { line, value, changed } of events) if (changed) lines[line] = `data: ${JSON.stringify(value)}`;
  return lines.join("\n");
}

/** A place is the way to a string: names, positions, and the `index` that events of one part share. */
function collect(value: object, way: string, found: (place: string, leaf: Leaf) => void): void {
  const members = value as Record<string, unknown>;
  const index = ["index", "output_index", "content_index"].map((name) => members[name] ?? "").join(",");
  for (const [name, member] of Object.entries(members)) {
    const place = `${way}/${index}/${name}`;
    if (typeof member === "object" && member !== null) collect(member, place, found);
    else if (typeof member === "string" && !structural.test(name)) {
      found(place, {
        text: member,
        set(text) {
          members[name] = text;
        },
      });
    }
  }
}

/** Cuts the rewritten text where it still agrees with the events: what stands before and after a change keeps its place. */
function layInto(leaves: readonly Leaf[], told: string): void {
  const original = leaves.map(({ text }) => text).join("");
  if (told === original) return;
  let prefix = 0;
  while (prefix < told.length && told[prefix] === original[prefix]) prefix++;
  let suffix = 0;
  const most = Math.min(told.length, original.length) - prefix;
  while (suffix < most && told[told.length - 1 - suffix] === original[original.length - 1 - suffix]) suffix++;
  // The changed middle goes to the event in which it begins; the others keep what they had outside of it.
  let at = 0;
  let given = false;
  for (const { text, set } of leaves) {
    const [start, end] = [at, at + text.length];
    at = end;
    const before = text.slice(0, Math.max(0, prefix - start));
    const after = text.slice(Math.max(0, original.length - suffix - start));
    const begins: boolean = !given && (end > prefix || end === original.length);
    const middle = begins ? told.slice(prefix, told.length - suffix) : "";
    given ||= begins;
    const now =
      end <= prefix && !begins ? text : start >= original.length - suffix && !begins ? text : before + middle + after;
    if (now !== text) set(now);
  }
}
