import { loadDerivationParts, presentDerivation } from "@spanhouse/consumer/derivation";
import { parseDollars } from "@spanhouse/schemas/money";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProviderSimulator, startProviderSimulator } from "../../../sdk/conformance/src/provider-simulator.ts";
import { createServerReplayModel } from "../src/replay-model/server-replay-model.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

let simulator: ProviderSimulator;
let api: TestApi;
let off: TestApi;
let key: string;

beforeAll(async () => {
  simulator = await startProviderSimulator();
  const derivation = await loadDerivationParts({ ownershipFile: "", estimates: false });
  const config = {
    ...{ url: `${simulator.url}/v1`, apiKey: "sk-operator-0001", model: undefined },
    budget: parseDollars("0.0001"),
  };
  off = await testQueryApi();
  const presentDerive = async () => (await presentDerivation(derivation, off.clickhouse)).derive;
  api = await testQueryApi({}, { replayModel: createServerReplayModel(config, presentDerive) });
  key = await api.key("p");
});
afterAll(async () => {
  await Promise.all([api.close(), off.close()]);
  await simulator.stop();
});

const chat = (content: string, model = "gpt-4o") => JSON.stringify({ model, messages: [{ role: "user", content }] });

async function ask(payload: object, asked = key) {
  const headers = { authorization: `Bearer ${asked}` };
  const answer = await api.app.inject({ method: "POST", url: "/v1/replay/model", headers, payload });
  return { status: answer.statusCode, body: answer.json(), text: answer.payload };
}

test("an edited call is answered by the operator's endpoint, with its price, and the key stays there", async () => {
  const { status, body, text } = await ask({ request: chat("Where is it? [[say On its way.]]") });
  expect(status).toBe(200);
  expect(body).toMatchObject({
    status: 200,
    output: [{ role: "assistant", parts: [{ type: "text", content: "On its way." }], finish_reason: "stop" }],
  });
  expect(body.input_tokens).toBeGreaterThan(0);
  expect(parseDollars(body.cost)).toBeGreaterThan(0n);
  expect(body.spent).toBe(body.cost);
  expect(text).not.toContain("sk-operator");
});

test("what the endpoint refuses is passed on as it says it, and costs nothing", async () => {
  const before = (await api.get("/v1/replay/model")).body.spent;
  const { status, body } = await ask({ request: chat("[[429]]") });
  expect([status, body.status, body.output]).toEqual([200, 429, []]);
  expect(body.response).toContain("Rate limit");
  expect(body.spent).toBe(before);
});

test("a project's budget ends its asking, and not another project's", async () => {
  const long = { request: chat(`Tell me. [[say ${"word ".repeat(20)}]]`) };
  let last = await ask(long);
  for (let asked = 0; last.status === 200 && asked < 50; asked++) last = await ask(long);
  expect([last.status, last.body.code]).toEqual([429, "REPLAY_BUDGET"]);
  expect(last.body.detail).toContain("SPANHOUSE_REPLAY_BUDGET");
  expect((await api.get("/v1/replay/model")).body).toMatchObject({ configured: true, budget: "0.000100000000" });
  expect((await ask(long, await api.key("q"))).status).toBe(200);
});

test("a request that is no JSON object, or of another API, is refused before anything is asked", async () => {
  const asked = simulator.requests().length;
  for (const payload of [{ request: "[]" }, { request: "{" }, { path: "/messages", request: "{}" }]) {
    expect((await ask(payload)).body.code).toBe("INVALID_PARAMETER");
  }
  expect(simulator.requests()).toHaveLength(asked);
});

test("without an endpoint it is off, and says what to set", async () => {
  const headers = { authorization: `Bearer ${await off.key("p")}` };
  const state = await off.app.inject({ url: "/v1/replay/model", headers });
  expect(state.json()).toMatchObject({ configured: false, model: null });
  const payload = { request: "{}" };
  const answer = await off.app.inject({ method: "POST", url: "/v1/replay/model", headers, payload });
  expect([answer.statusCode, answer.json().code]).toEqual([409, "REPLAY_MODEL_OFF"]);
  expect(answer.json().detail).toContain("SPANHOUSE_REPLAY_MODEL_URL");
});
