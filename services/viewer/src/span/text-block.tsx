import { useState } from "react";
import { count } from "../format/count.ts";
import { Markdown } from "./markdown.tsx";

/** Beyond this a text is cut until it is asked for: layout of a megabyte takes seconds. */
const shown = 6_000;

/** A text as markdown or as it is, cut where it is very long. */
export function TextBlock({ text, plain = false }: { readonly text: string; readonly plain?: boolean }) {
  const [whole, setWhole] = useState(false);
  const cut = !whole && text.length > shown * 1.2;
  const visible = cut ? text.slice(0, shown) : text;
  return (
    <>
      {plain || (whole && text.length > 200_000) ? <div className="plain">{visible}</div> : <Markdown text={visible} />}
      {cut && (
        <button type="button" className="button" onClick={() => setWhole(true)}>
          Show {count(text.length - shown)} more characters
        </button>
      )}
    </>
  );
}
