/** The text of an object's member as it stands in the JSON; undefined where it has none. The JSON must be whole. */
export const memberText = (json: string, name: string): string | undefined => {
  let depth = 0;
  for (let at = 0; at < json.length; at++) {
    const character = json[at]!;
    if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]") depth--;
    if (character !== '"') continue;
    const end = stringEnd(json, at);
    if (depth === 1 && json.slice(at + 1, end) === name) {
      const colon = spaceEnd(json, end + 1);
      if (json[colon] === ":") {
        const start = spaceEnd(json, colon + 1);
        return json.slice(start, valueEnd(json, start));
      }
    }
    at = end;
  }
  return undefined;
};

/** The place of the quote that closes the string. */
const stringEnd = (json: string, open: number): number => {
  let at = open + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === "\\" ? 2 : 1;
  return at;
};

const spaceEnd = (json: string, from: number): number => {
  let at = from;
  while (/\s/.test(json[at] ?? "")) at++;
  return at;
};

const valueEnd = (json: string, start: number): number => {
  let depth = 0;
  for (let at = start; at < json.length; at++) {
    const character = json[at]!;
    if (character === '"') at = stringEnd(json, at);
    else if (character === "{" || character === "[") depth++;
    else if (character === "}" || character === "]" || character === ",") {
      if (depth === 0) return at;
      if (character !== ",") depth--;
    }
    if (depth === 0 && (character === "}" || character === "]" || (character === '"' && at >= start))) return at + 1;
  }
  return json.length;
};
