/**
 * A value as JSON text, whatever it is: what JSON cannot say is said as well as can be (`[Function: name]`, `[Circular]`,
 * dates, errors, maps and sets by their content). Never throws; `undefined` is said by no text.
 */
export const jsonText = (value: unknown): string | undefined => {
  if (value === undefined) return undefined;
  try {
    return JSON.stringify(value, sayable) ?? "null";
  } catch {
    return sayCarefully(value);
  }
};

/** The same for what a tool takes or gives: a text stays as it is. */
export const plainText = (value: unknown): string | undefined => (typeof value === "string" ? value : jsonText(value));

function sayable(_key: string, value: unknown): unknown {
  switch (typeof value) {
    case "bigint":
      return value.toString();
    case "function":
      return `[Function${value.name ? `: ${value.name}` : ""}]`;
    case "symbol":
      return String(value);
    case "object":
      if (value instanceof Error) return { name: value.name, message: value.message };
      if (value instanceof Map) return Object.fromEntries(value);
      if (value instanceof Set) return [...value];
      if (ArrayBuffer.isView(value)) return `[${value.constructor.name}: ${value.byteLength} bytes]`;
  }
  return value;
}

/** With circles cut, and getters and `toJSON` that throw left out. */
const sayCarefully = (value: unknown): string => {
  const above = new Set<object>();
  const say = (part: unknown): unknown => {
    const plain = sayable("", part);
    if (typeof plain !== "object" || plain === null) return plain;
    if (above.has(plain)) return "[Circular]";
    if (above.size > 100) return "[Too deep]";
    above.add(plain);
    try {
      if (Array.isArray(plain)) return plain.map(say);
      return Object.fromEntries(Object.keys(plain).map((key) => [key, say(read(plain, key))]));
    } finally {
      above.delete(plain);
    }
  };
  try {
    return JSON.stringify(say(value)) ?? "null";
  } catch {
    return '"[Unreadable]"';
  }
};

const read = (object: object, key: string): unknown => {
  try {
    return (object as Record<string, unknown>)[key];
  } catch {
    return "[Throws]";
  }
};
