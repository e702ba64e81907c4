import { fileURLToPath } from "node:url";
import { createContext, runInContext } from "node:vm";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { build } from "esbuild";
import { afterAll, expect, test } from "vitest";
import { startCollector } from "./collector.ts";

const simulator = await startProviderSimulator();
const collector = await startCollector();
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

const program = `
  import OpenAI from "openai";
  import { flush, init, trace, wrapOpenAI } from "./spanhouse.ts";

  init({ url: collectorUrl, service: "edge" });
  const client = wrapOpenAI(new OpenAI({ apiKey: "sk-0001", baseURL: simulatorUrl + "/v1", maxRetries: 0 }));
  const request = { model: "gpt-4o", messages: [{ role: "user", content: "Where is my parcel?" }] };
  export const done = (async () => {
    await trace("at the edge", () => client.chat.completions.create(request));
    let chunks = 0;
    for await (const _chunk of await client.chat.completions.create({ ...request, stream: true })) chunks++;
    return { chunks, delivery: await flush() };
  })();
`;

/** What an edge runtime gives a program: the web's interfaces, none of Node's. */
const webOnly = {
  ...{ AbortController, AbortSignal, Blob, File, FormData, Headers, Request, Response, URL, URLSearchParams },
  ...{ ReadableStream, TransformStream, CompressionStream, TextDecoder, TextEncoder, Uint8Array, ArrayBuffer },
  ...{ console, crypto, fetch, performance, queueMicrotask },
  ...{ setTimeout, clearTimeout, setInterval, clearInterval },
};

test("a bundle for the edge needs no module of Node, and traces calls and streams over HTTP", async () => {
  const { outputFiles, metafile } = await build({
    stdin: { contents: program, resolveDir: fileURLToPath(new URL("../src/", import.meta.url)), loader: "ts" },
    bundle: true,
    format: "iife",
    globalName: "edge",
    platform: "browser",
    target: "es2022",
    conditions: ["worker"],
    metafile: true,
    write: false,
  });
  const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports.map(({ path }) => path));
  expect(imported).toEqual([]);

  const context = createContext({ ...webOnly, collectorUrl: collector.url, simulatorUrl: simulator.url });
  const done = runInContext(`${outputFiles[0]!.text}; edge.done`, context) as Promise<{
    chunks: number;
    delivery: object;
  }>;
  const { chunks, delivery } = await done;
  expect(chunks).toBeGreaterThan(1);
  expect(delivery).toMatchObject({ sent: 3, dropped: 0, pending: 0 });

  expect(collector.spans.map(({ name }) => name).sort()).toEqual(["at the edge", "chat gpt-4o", "chat gpt-4o"]);
  const calls = collector.spans.filter(({ name }) => name === "chat gpt-4o");
  const above = collector.spans.find(({ name }) => name === "at the edge")!;
  expect(calls.map(({ parentSpanId }) => parentSpanId)).toContain(above.spanId);
  expect(calls.map(({ attributes }) => attributes["spanhouse.response"]).sort()).toEqual(
    simulator
      .requests()
      .map(({ response }) => response)
      .sort(),
  );
});
