import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { derivationVersion, fixturesHash } from "../../src/derive/derivation-version.ts";
import { createDeriver } from "../../src/derive/derive-span.ts";
import { createGenaiPrices } from "../../src/derive/price/genai-prices.ts";
import { derivedText, expectedFile, fixtureCases } from "./golden.ts";

const deriveSpan = createDeriver({ priceBook: await createGenaiPrices() });

describe("deriveSpan", () => {
  for (const name of fixtureCases) {
    it(`derives ${name}`, async () => {
      await expect(derivedText(deriveSpan, name)).toMatchFileSnapshot(expectedFile(name));
    });
  }

  it("has the version of its output", () => {
    const hash = createHash("sha256");
    for (const name of fixtureCases) hash.update(`${name}\n${derivedText(deriveSpan, name)}`);
    expect(
      hash.digest("hex"),
      `The output on the fixtures is not that of derivation ${derivationVersion}: if any existing case changed, raise ` +
        "derivationVersion, so that stored rows are derived again; then record the new hash. New cases alone change only the hash.",
    ).toBe(fixturesHash);
  });
});
