import type { Random } from "./random.ts";
import { words } from "./words.ts";

/** 1,024 places shared out by rank, so that ten random bits are a word with a real text's frequencies. */
const table: readonly string[] = (() => {
  const weights = words.map((_, rank) => 1 / (rank + 8));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const places: string[] = [];
  let share = 0;
  words.forEach((word, rank) => {
    share += weights[rank]!;
    const until = Math.round((share / total) * 1024);
    while (places.length < until) places.push(word);
  });
  return places;
})();

/** Sentences of about this many characters. They compress as text does, and their first word is never `I`. */
export function prose(random: Random, characters: number): string {
  let text = "";
  let sentence = 0;
  while (text.length < characters) {
    let bits = random.bits() >>> 0;
    for (let n = 0; n < 3; n++) {
      const word = table[bits & 1023]!;
      bits >>>= 10;
      if (sentence === 0) {
        text += `${text === "" ? "" : " "}${word[0]!.toUpperCase()}${word.slice(1)}`;
        sentence = 6 + (bits & 7);
      } else {
        sentence -= 1;
        text += sentence === 0 ? ` ${word}.` : ` ${word}`;
      }
    }
  }
  return text.endsWith(".") ? text : `${text}.`;
}
