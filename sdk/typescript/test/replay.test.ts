import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { scriptHeader } from "@spanhouse/conformance/script";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { flush, init, retrieval, tool, trace, type World, wrapOpenAI } from "../src/spanhouse.ts";
import { type Collector, type ReceivedSpan, startCollector } from "./collector.ts";

/** A program that runs once against the world and again against a recording of it: the seam that replays stand on. */
let simulator: ProviderSimulator;
let collector: Collector;
beforeAll(async () => {
  simulator = await startProviderSimulator();
  collector = await startCollector();
});
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

interface Recording {
  readonly requests: { readonly status: number; readonly headers: Headers; readonly body: string }[];
  readonly work: unknown[];
}

const recorder = (recording: Recording): World => ({
  async request(_request, live) {
    const response = await live();
    const { status, headers } = response;
    const body = await response.text();
    recording.requests.push({ status, headers, body });
    return new Response(body, { status, headers });
  },
  work(_work, live) {
    const result = live();
    recording.work.push(result);
    return result;
  },
});

const player = ({ requests, work }: Recording): World => ({
  async request() {
    const { status, headers, body } = requests.shift()!;
    return new Response(body, { status, headers });
  },
  work: <Result>() => work.shift() as Result,
});

test("calls, streams, retries, tools and retrievals are answered from a recording, and told alike", async () => {
  let ran = 0;
  const program = async (world: World): Promise<{ readonly said: string; readonly spans: readonly ReceivedSpan[] }> => {
    collector.spans.length = 0;
    init({ url: collector.url, service: "replay", world });
    const client = wrapOpenAI(new OpenAI({ apiKey: "sk-conformance-0001", baseURL: `${simulator.url}/v1` }));
    const find = retrieval("articles", async (query: string) => [{ id: "a-1", content: `${query} ${++ran}` }]);
    const lookUp = tool("look_up", (id: string) => `${id} ${++ran}`);
    const said = await trace("handle", async () => {
      const [article] = await find("parcels");
      const messages = [{ role: "user" as const, content: `${article?.content} ${lookUp("A-1")}` }];
      const whole = await client.chat.completions.create(
        { model: "gpt-4o", messages },
        { headers: { "x-simulator-script": scriptHeader("[[500 times=1]]") } },
      );
      let text = whole.choices[0]?.message.content ?? "";
      for await (const { choices } of await client.chat.completions.create({
        model: "gpt-4o",
        messages,
        stream: true,
      })) {
        text += choices[0]?.delta.content ?? "";
      }
      return text;
    });
    await flush();
    return { said, spans: collector.spans.filter(({ name }) => name !== "spanhouse.close") };
  };

  const recording: Recording = { requests: [], work: [] };
  const live = await program(recorder(recording));
  const asked = simulator.requests().length;
  expect([recording.requests.length, recording.work.length, ran]).toEqual([3, 2, 2]);

  const replayed = await program(player(recording));
  expect(simulator.requests()).toHaveLength(asked);
  expect(ran).toBe(2);
  expect(replayed.said).toBe(live.said);
  const timed = /time_to_first_chunk|retry\.wait/;
  const told = ({ spans }: typeof live) =>
    spans.map(({ name, attributes }) => [name, Object.entries(attributes).filter(([key]) => !timed.test(key))]);
  expect(told(replayed)).toEqual(told(live));
}, 60_000);
