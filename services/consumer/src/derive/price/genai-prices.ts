import { createGenaiList } from "./genai-list.ts";
import { createPriceBook, type PriceBook } from "./price-book.ts";
import { createPriceRules } from "./price-rules.ts";

/** What providers publish, without anybody's own rules. */
export async function createGenaiPrices(): Promise<PriceBook> {
  return createPriceBook(await createGenaiList(), createPriceRules([]));
}
