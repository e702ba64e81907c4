import { expect, test } from "vitest";
import { startProviderSimulator } from "../src/provider-simulator.ts";
import { clientsOf, scripted } from "./clients.ts";

test("embeddings are unit vectors of the text, the same in both encodings, and use input tokens alone", async () => {
  const simulator = await startProviderSimulator();
  try {
    const { openai } = clientsOf(simulator);
    const ask = { model: "text-embedding-3-small", input: ["parcel", "refund"] };
    const base64 = await openai.embeddings.create({ ...ask, dimensions: 8 });
    const floats = await openai.embeddings.create({ ...ask, dimensions: 8, encoding_format: "float" });
    const [parcel, refund] = floats.data.map(({ embedding }) => embedding);
    expect(base64.data.map(({ embedding }) => embedding)).toEqual([parcel, refund]);
    expect(parcel).not.toEqual(refund);
    expect(Math.hypot(...(parcel ?? []))).toBeCloseTo(1, 5);
    expect(floats.usage).toEqual({ prompt_tokens: 3, total_tokens: 3 });
    expect((await openai.embeddings.create(ask)).data[0]?.embedding).toHaveLength(1536);
    expect(simulator.requests()[0]?.usage).toMatchObject({ inputTokens: 3, outputTokens: 0 });
    await expect(openai.embeddings.create(ask, scripted("[[429]]"))).rejects.toMatchObject({ status: 429 });
  } finally {
    await simulator.stop();
  }
});
