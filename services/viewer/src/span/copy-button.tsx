import { useState } from "react";

interface CopyButtonProps {
  readonly text: () => string;
  readonly label: string;
}

export function CopyButton({ text, label }: CopyButtonProps) {
  const [done, setDone] = useState<"copied" | "refused">();
  async function copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(text());
      setDone("copied");
    } catch {
      // Without a secure context, such as plain http to another machine, browsers have no clipboard.
      setDone("refused");
    }
    setTimeout(() => setDone(undefined), 1_500);
  }
  return (
    <button type="button" className="button" onClick={copy}>
      <span aria-live="polite">{done === "copied" ? "Copied" : done === "refused" ? "No clipboard" : label}</span>
    </button>
  );
}
