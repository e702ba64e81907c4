import { chinese } from "./refusals/chinese.ts";
import { english } from "./refusals/english.ts";
import { french } from "./refusals/french.ts";
import { german } from "./refusals/german.ts";
import { italian } from "./refusals/italian.ts";
import { japanese } from "./refusals/japanese.ts";
import { portuguese } from "./refusals/portuguese.ts";
import { anyOf, type RefusalLanguage } from "./refusals/refusal-language.ts";
import { spanish } from "./refusals/spanish.ts";

/** A longer answer has more to say than no. */
const longestRefusal = 600;
/** Who refuses does so at once. */
const openingLength = 200;

const latin = [english, german, french, spanish, portuguese, italian].map(compile);
const eastAsian = [japanese, chinese].map(compile);

/**
 * Whether an answer's words suggest a refusal, in English, German, French, Spanish, Portuguese, Italian, Japanese or
 * Chinese. Conservative on purpose: anchored at the start, short, the refusal in the first person or by a rule. Only ever
 * `suspected`: providers' own signals are kept apart from it. `npm run bench -- outcomes` measures it.
 */
export function suggestsRefusal(answerStart: string, answerLength: number): boolean {
  if (answerLength === 0 || answerLength > longestRefusal) return false;
  const opening = plain(answerStart.slice(0, openingLength));
  const languages = /[\u3040-\u30ff\u4e00-\u9fff]/.test(opening) ? eastAsian : latin;
  return languages.some(({ refusal, others }) => refusal.test(opening) && !others.test(opening));
}

function compile({ openings, refusals, others }: RefusalLanguage): {
  readonly refusal: RegExp;
  readonly others: RegExp;
} {
  const link =
    "[\\s,.:;!、。,!—–-]*(?:(?:but|and|so|however|aber|daher|mais|pero|mas|ma|per[oò]|que|che|dass)\\b[\\s,]*)?";
  return {
    refusal: new RegExp(`^(?:${anyOf(...openings)}${link}){0,3}${anyOf(...refusals)}`, "i"),
    others: new RegExp(anyOf(...others), "i"),
  };
}

/** Without markup at its start, accents and the several apostrophes, so that rules need not know them. */
function plain(text: string): string {
  const bare = text.replace(/^[\s*_#>]+/, "").replace(/[’‘`´]/g, "'");
  return /[\u00c0-\u024f]/.test(bare) ? bare.normalize("NFD").replace(/[\u0300-\u036f]/g, "") : bare;
}
