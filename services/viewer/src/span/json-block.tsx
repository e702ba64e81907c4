/** A value as people read it: text as text, the rest as indented JSON. */
export function JsonBlock({ value, label }: { readonly value: unknown; readonly label: string }) {
  const text = typeof value === "string" ? prettyText(value) : prettyValue(value);
  return (
    <pre className="json" tabIndex={0} role="group" aria-label={label}>
      {text}
    </pre>
  );
}

/** JSON in a text is indented; anything else stays as it is. */
export function prettyText(text: string): string {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return prettyValue(JSON.parse(text));
  } catch {
    return text;
  }
}

/** What fits on a line stays on it. */
function prettyValue(value: unknown): string {
  const line = JSON.stringify(value) ?? "";
  return line.length <= 72 ? line : JSON.stringify(value, null, 2);
}
