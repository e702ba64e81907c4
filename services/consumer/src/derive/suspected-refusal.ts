/** A longer answer has more to say than no. */
const longestRefusal = 600;

/** First person, cannot or will not, and a verb of helping, from the start of the answer. */
const refusal = new RegExp(
  [
    /^["'*_\s]*/,
    /(?:(?:i['’]?m|i am|we['’]?re) (?:very |really |so |truly )?sorry[,.]?(?: but)? |sorry[,.]?(?: but)? |i apologi[sz]e[,.]?(?: but)? |unfortunately,? |as an ai(?: language model| assistant)?,? )?/,
    /(?:i|we) (?:can['’]?t|cannot|can not|won['’]?t|will not|must decline|have to decline|am not able|['’]?m not able|am unable)(?: to)? /,
    /(?:(?:help|assist|comply|fulfil?l|provide|create|generate|write|produce|engage|support|continue|do|discuss|share|give|offer|participate)\b)/,
  ]
    .map(({ source }) => source)
    .join(""),
  "i",
);

const contracted =
  /^["'*_\s]*(?:sorry[,.]?(?: but)? )?i['’]m (?:not able|unable) to (?:help|assist|comply|provide|create|generate|write|do)\b/i;

/** It looked and found nothing: no refusal, though the words are alike. */
const notFound =
  /\b(?:find|found|locate|access to (?:your|that|real)|information about that|in the (?:provided|given) (?:context|documents?))\b/i;

/**
 * Whether an answer's words suggest a refusal, in English. Conservative on purpose: anchored at the start, short, first
 * person. Only ever `suspected`: providers' own signals are kept apart from it.
 */
export function suggestsRefusal(answerStart: string, answerLength: number): boolean {
  if (answerLength === 0 || answerLength > longestRefusal) return false;
  const opening = answerStart.slice(0, 200);
  return (refusal.test(opening) || contracted.test(opening)) && !notFound.test(opening);
}
