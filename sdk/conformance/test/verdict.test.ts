import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exactPrice } from "../src/integrations/exact-price.ts";
import { integrationsPage } from "../src/integrations/page.ts";
import { type Instrumentation, recordedNames, recordingsOf } from "../src/integrations/recordings.ts";
import { judge, type StoredSpan } from "../src/integrations/verdict.ts";

const instrumentation: Instrumentation = {
  ...{ name: "openinference-openai", language: "node", title: "OpenInference", project: "https://example.com" },
  ...{ features: ["chat"], gaps: {} },
};
const [recording] = recordingsOf(instrumentation);
const [truth] = recording!.requests;

/** As it should be stored: 45 tokens at $0.40 and 9 at $1.60 a million. */
const stored: StoredSpan = {
  ...{ traceId: "1".repeat(32), userId: "user-42", conversationId: "" },
  ...{ spanId: "0000000000000001", role: "model", family: "generate", aggregate: false, toolName: "" },
  ...{ startTime: 1_793_491_200_000_000_000n, endTime: 1_793_491_201_000_000_000n },
  ...{ requestModel: "gpt-4.1-mini", responseModel: "gpt-4.1-mini-2025-04-14", responseId: truth!.responseId },
  ...{ usageState: "exact", priceState: "priced", cost: 32_400_000n, outcome: "ok" },
  usage: { inputTokens: 45, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 9, reasoningTokens: 0 },
  ...{ hasRequest: true, hasResponse: true },
};

const verdict = (...spans: readonly Partial<StoredSpan>[]) =>
  judge(
    recording!,
    spans.map((span) => ({ ...stored, ...span })),
    exactPrice,
  );

describe("a call is judged", () => {
  it("right where everything is as the provider had it", () => {
    expect(verdict({})).toMatchObject({ wrong: [], found: 1, priced: 1 });
    expect(verdict({}).gaps.size).toBe(0);
    expect(verdict({}, { spanId: "0000000000000002", aggregate: true }).wrong).toEqual([]);
  });

  it("wrong where it is off by a pico-dollar, or counted twice", () => {
    expect(verdict({ cost: 32_400_001n }).wrong).toHaveLength(1);
    expect(verdict({}, { spanId: "0000000000000002" }).wrong).toHaveLength(1);
    expect(verdict({}, { spanId: "0000000000000002", role: "wrapper" }).wrong).toHaveLength(1);
  });

  it.each<[string, Partial<StoredSpan>]>([
    ["usage", { usageState: "unknown", priceState: "unknown_usage", cost: 0n }],
    ["model", { responseModel: "gpt-4.1" }],
    ["outcome", { outcome: "truncated" }],
    ["messages", { hasResponse: false }],
  ])("partial where its %s was not told", (aspect, changes) => {
    expect([...verdict(changes).gaps.keys()]).toContain(aspect);
  });

  it("partial where nobody, or somebody else, is said to be the user whom the program named", () => {
    const named = (userId: string) => judge({ ...recording!, tells: ["user"] }, [{ ...stored, userId }], exactPrice);
    expect([...named("user-42").gaps.keys()]).toEqual([]);
    expect([...named("").gaps.keys()]).toEqual(["user"]);
    expect([...named("user-43").gaps.keys()]).toEqual(["user"]);
  });

  it("not emitted where there is no span of it", () => {
    const nothing = verdict();
    expect([...nothing.gaps.keys()]).toEqual(["calls"]);
    const page = integrationsPage([{ instrumentation, versions: {}, verdicts: new Map([["chat", nothing]]) }]);
    expect(page).toContain("| not emitted |");
  });
});

it("a recording holds no path or address of the machine that made it", () => {
  const root = join(import.meta.dirname, "..", "..", "..");
  expect(recordedNames()).toContain("openinference-openai/chat");
  expect(JSON.stringify(recording)).not.toContain(root);
  expect(JSON.stringify(recording)).not.toMatch(/127\.0\.0\.1:\d/);
});
