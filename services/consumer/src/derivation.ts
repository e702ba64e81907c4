import type { Activations } from "@spanhouse/store/activations";
import { derivationVersion } from "./derive/derivation-version.ts";
import { createDeriver } from "./derive/derive-span.ts";
import type { PriceBook } from "./derive/price/price-book.ts";
import type { Derivation } from "./derive-batch.ts";

/** This program's derivation under the numbers that it has in the store, activated now where they are new. */
export async function activateDerivation(activations: Activations, priceBook: PriceBook): Promise<Derivation> {
  return {
    derive: createDeriver({ priceBook }),
    code: await activations.activate("code", String(derivationVersion)),
    price: await activations.activate("price", priceBook.fingerprint),
  };
}
