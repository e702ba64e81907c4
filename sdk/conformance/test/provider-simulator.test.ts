import { expect, test } from "vitest";
import { type ProviderSimulatorOptions, startProviderSimulator } from "../src/provider-simulator.ts";
import { clientsOf } from "./clients.ts";

const withSimulator = async (
  options: ProviderSimulatorOptions,
  run: (simulator: Awaited<ReturnType<typeof startProviderSimulator>>) => Promise<void>,
): Promise<void> => {
  const simulator = await startProviderSimulator(options);
  try {
    await run(simulator);
  } finally {
    await simulator.stop();
  }
};

const post = (url: string, body: unknown, headers: Record<string, string> = { authorization: "Bearer sk" }) =>
  fetch(`${url}/v1/chat/completions`, { method: "POST", headers, body: JSON.stringify(body) });
const ask = (content: string, model = "gpt-4o") => ({ model, messages: [{ role: "user", content }] });

test("scenarios choose by model and by text", () =>
  withSimulator(
    {
      script: [
        { model: "gpt-down", directives: "[[500]]" },
        { includes: "weather", directives: "[[say Sunny.]]" },
      ],
    },
    async ({ url }) => {
      expect((await post(url, ask("Hello", "gpt-down"))).status).toBe(500);
      expect(await (await post(url, ask("The weather, please"))).json()).toMatchObject({
        choices: [{ message: { content: "Sunny." } }],
      });
      expect((await post(url, ask("Hello"))).status).toBe(200);
    },
  ));

test("a client that does not number its attempts has them counted by its bytes", () =>
  withSimulator({}, async ({ url }) => {
    const statuses = [];
    for (let i = 0; i < 3; i += 1) statuses.push((await post(url, ask("Hello [[503 times=2]]"))).status);
    expect(statuses).toEqual([503, 503, 200]);
  }));

test("what the real API refuses is refused, and a mistaken script is told", () =>
  withSimulator({}, async ({ url }) => {
    expect((await post(url, ask("Hello"), {})).status).toBe(401);
    const noMessages = await post(url, { model: "gpt-4o" });
    expect(noMessages.status).toBe(400);
    expect(await noMessages.json()).toMatchObject({ error: { message: expect.stringContaining("messages") } });
    const typo = await post(url, ask("Hello [[refuze]]"));
    expect(await typo.json()).toMatchObject({ error: { message: expect.stringContaining("[[refuze]]") } });
    expect((await fetch(`${url}/v1/images`)).status).toBe(404);
  }));

test("ground truth is also there over HTTP, the latest only, with the exact bytes", () =>
  withSimulator({ keep: 2 }, async (simulator) => {
    const { openai } = clientsOf(simulator);
    for (const content of ["one", "two", "Grüße"])
      await openai.chat.completions.create({ model: "gpt-4o", messages: [{ role: "user", content }] });
    const listed = await (await fetch(`${simulator.url}/simulator/requests`)).json();
    expect(listed).toEqual(simulator.requests());
    expect(simulator.requests().map(({ sequence }) => sequence)).toEqual([2, 3]);
    const [, last] = simulator.requests();
    expect(last).toMatchObject({ api: "openai.chat", requestModel: "gpt-4o", responseModel: "gpt-4o-2024-08-06" });
    expect(last?.requestBytes).toBe(Buffer.byteLength(last?.request ?? ""));
    expect(last?.request).toContain("Grüße");
  }));

test("the same requests in the same order get the same ids", async () => {
  const ids: string[] = [];
  for (const seed of ["a", "a", "b"])
    await withSimulator({ seed }, async ({ url }) => {
      const body = (await (await post(url, ask("Hello"))).json()) as { readonly id: string };
      ids.push(body.id);
    });
  expect(ids[1]).toBe(ids[0]);
  expect(ids[2]).not.toBe(ids[0]);
});

test("stopping breaks what hangs", async () => {
  const simulator = await startProviderSimulator();
  const hanging = post(simulator.url, ask("[[hang]]")).catch((error: unknown) => error);
  await expect.poll(() => post(simulator.url, ask("Hello")).then(({ status }) => status)).toBe(200);
  await simulator.stop();
  expect(await hanging).toBeInstanceOf(TypeError);
});
