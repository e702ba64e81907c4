import { readFileSync } from "node:fs";
import { createDeriver } from "@spanhouse/consumer/derive/derive-span";
import { createGenaiPrices } from "@spanhouse/consumer/derive/price/genai-prices";
import type { SpanDerivation } from "@spanhouse/consumer/derive/span-derivation";
import { rewriteTexts } from "@spanhouse/gateway/redaction/record-rewriter";
import { policyRewrite } from "@spanhouse/gateway/redaction/redactor";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { contentPolicies, createRedactionPolicies } from "@spanhouse/store/redaction-policies";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fixtureCases } from "../../consumer/test/derive/golden.ts";
import { protobufOf } from "../../consumer/test/derive/otlp-json.ts";
import { type TestClickHouse, testClickHouse } from "../../store/test/test-clickhouse.ts";
import { redaction } from "../src/commands/redaction.ts";
import { runCommand } from "./run-command.ts";

const deriveSpan = createDeriver({ priceBook: await createGenaiPrices() });
const fixtures = new URL("../../consumer/test/derive/fixtures/", import.meta.url);

function derivedOf(bytes: Uint8Array): SpanDerivation | undefined {
  const decoded = decodeTraces(bytes);
  if (decoded.kind === "failed") throw new Error(decoded.message);
  const [span] = decoded.traces.spans;
  return span && deriveSpan(span, "shop");
}

/** All that spend and its breakdown are made of. */
function spendOf(call: SpanDerivation) {
  const { operation, role, provider, requestModel, responseModel, serviceTier, usageState, usage, price } = call;
  const { outcome, refusal, errorClass, finishReasons, responseId } = call;
  return {
    ...{ operation, role, provider, requestModel, responseModel, serviceTier, usageState, usage, price },
    ...{ outcome, refusal, errorClass, finishReasons, responseId },
  };
}

describe.each(contentPolicies)("content %s", (content) => {
  const rewrite = policyRewrite({ patterns: ["email", "phone", "card", "secret"], custom: [], content });

  test.each(fixtureCases)("%s: usage, price and outcome are what they were", (name) => {
    const bytes = protobufOf(readFileSync(new URL(`${name}/span.json`, fixtures), "utf8"));
    const rewritten = rewriteTexts(bytes, rewrite);
    if (rewritten.kind === "failed") throw new Error(rewritten.message);
    const [before, after] = [derivedOf(bytes), derivedOf(rewritten.bytes)];
    if (before === undefined) return;
    // What only an answer's words suggest cannot be seen without them.
    const unseen = content !== "keep" && before.refusal === "suspected";
    expect(spendOf(after!)).toEqual(unseen ? { ...spendOf(before), outcome: "ok", refusal: "none" } : spendOf(before));
    if (rewritten.bytes !== bytes) expect(after?.fidelity).toBe("redacted");
  });
});

let store: TestClickHouse;
beforeAll(async () => {
  store = await testClickHouse();
});
afterAll(() => store.drop());

test("the command sets and lists policies, and names what is none", async () => {
  const run = (...args: string[]) => runCommand(redaction, store, args);
  await run("set", "--project", "shop", "--patterns", "email,card", "--custom", "(?i)zeus", "--content", "hash");
  const policy = { patterns: ["email", "card"], custom: ["(?i)zeus"], content: "hash" };
  expect((await run("list")).lines).toEqual([
    "project  patterns    custom    content",
    "shop     email,card  (?i)zeus  hash",
  ]);
  expect((await run("list", "--json")).lines.map((line) => JSON.parse(line))).toEqual([{ project: "shop", ...policy }]);
  expect(await createRedactionPolicies(store.clickhouse).all()).toEqual(new Map([["shop", policy]]));
  await expect(run("set", "--patterns", "emails")).rejects.toThrow(/expected one of email, phone.*"emails"/);
  await expect(run("set", "--custom", "(")).rejects.toThrow(/expected an expression of RE2.*"\("/);
});
