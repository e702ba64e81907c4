import { useQuery } from "@tanstack/react-query";
import { copyAs, languages } from "./copy-as.ts";
import { CopyButton } from "./copy-button.tsx";
import { messagesQuery } from "./span-queries.ts";
import type { SpanDetail } from "./span-types.ts";

/** The call as a program, where its request is known. */
export function CopyAs({ span }: { readonly span: SpanDetail }) {
  const { data } = useQuery(messagesQuery(span.trace_id, span.span_id));
  if (copyAs("curl", span, data) === undefined) return null;
  return (
    <fieldset className="copy-as">
      <legend className="unseen">Copy the call as</legend>
      {languages.map((language) => (
        <CopyButton key={language} label={language} text={() => copyAs(language, span, data) ?? ""} />
      ))}
    </fieldset>
  );
}
