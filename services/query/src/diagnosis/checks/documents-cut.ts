import { type Check, words } from "../finding.ts";
import { everythingHeard } from "../message-texts.ts";

const head = 60;
const shortest = 120;

/** A retrieved document of which the next calls were sent the beginning and not the end. */
export const documentsCut: Check = ({ retrievals, calls }) =>
  retrievals.flatMap((retrieval) => {
    const later = calls.filter(({ start, said }) => start >= retrieval.end && said.unread.length === 0);
    const heard = later.map(({ said }) => everythingHeard(said));
    return retrieval.said.documents.flatMap(({ content }) => {
      const text = content?.trim() ?? "";
      if (text.length < shortest) return [];
      const begins = heard.findIndex((prompt) => prompt.includes(text.slice(0, head)));
      if (begins < 0 || heard.some((prompt) => prompt.includes(text.slice(-head)))) return [];
      return [
        {
          severity: "warning" as const,
          span_id: later[begins]!.facts.span_id,
          evidence: words(retrieval, "documents", text.slice(-head)),
          says: `A retrieved document of ${text.length} characters reached the model without its end.`,
          fix: "Cut documents into chunks when they are indexed, or raise the limit of characters of the prompt.",
        },
      ];
    });
  });
