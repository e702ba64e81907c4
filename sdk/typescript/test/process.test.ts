import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Collector, startCollector } from "./collector.ts";

/** Programs in processes of their own, over the build: how they end is theirs to decide, and nothing of ours. */
let collector: Collector;
beforeEach(async () => {
  collector = await startCollector();
});
afterEach(() => collector.stop());

const build = new URL("../dist/spanhouse.js", import.meta.url).href;

const run = (program: string, url = collector.url) => {
  const source = `import * as spanhouse from ${JSON.stringify(build)};\n${program}`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", source], {
    env: { PATH: process.env.PATH, SPANHOUSE_URL: url, SPANHOUSE_RELEASE: "r1" },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal, output }));
  return { child, ended };
};
const names = () => collector.spans.map(({ name }) => name).sort();

test("a program without init, told by the environment, delivers and closes when it has nothing left to do", async () => {
  const { ended } = run(`spanhouse.trace("work", () => spanhouse.span("step", () => undefined));`);
  expect(await ended).toEqual({ code: 0, signal: null, output: "" });
  expect(names()).toEqual(["spanhouse.close", "step", "work"]);
  expect(collector.resources[0]).toMatchObject({ "service.version": "r1" });
});

test("nobody there, a receiver that hangs, one with a bad certificate: the program ends, and as it would have", async () => {
  collector.answer = () => ({ status: 200, hang: true });
  const program = `spanhouse.init({ onWarning() {} }); spanhouse.trace("work", () => undefined); process.exitCode = 7;`;
  const runs = [
    run(program),
    run(program, "http://127.0.0.1:1"),
    run(program, collector.url.replace("http:", "https:")),
  ];
  for (const { ended } of runs) expect(await ended).toEqual({ code: 7, signal: null, output: "" });
});

test("a killed program says no close: its tail is unknown, and what is open was announced", async () => {
  const { child, ended } = run(`
    for (let i = 0; i < 5; i++) spanhouse.trace("done", () => undefined);
    await spanhouse.flush();
    for (let i = 0; i < 1000; i++) spanhouse.trace("queued", () => undefined);
    process.kill(process.pid, "SIGKILL");
  `);
  expect(child.pid).toBeGreaterThan(0);
  expect(await ended).toMatchObject({ signal: "SIGKILL" });
  expect(new Set(names())).toEqual(new Set(["done"]));
});

test("a stream that nobody can read on ends its call, which keeps what came", async () => {
  const { ended } = run(`
    import OpenAI from "openai";
    import { setTimeout } from "node:timers/promises";
    import { setFlagsFromString } from "node:v8";
    import { runInNewContext } from "node:vm";
    setFlagsFromString("--expose-gc");
    const collectGarbage = runInNewContext("gc");
    const chunk = { id: "c-1", model: "gpt-4o", choices: [{ index: 0, delta: { content: "Hel" } }] };
    const event = new TextEncoder().encode("data: " + JSON.stringify(chunk) + "\\n\\n");
    const fetch = async () => new Response(new ReadableStream({ start: (out) => out.enqueue(event) }));
    const client = spanhouse.wrapOpenAI(new OpenAI({ apiKey: "sk-conformance-0001", fetch }));
    const leave = async () => {
      const stream = await client.chat.completions.create({ model: "gpt-4o", messages: [], stream: true });
      await stream[Symbol.asyncIterator]().next();
    };
    await leave();
    const now = performance.now.bind(performance);
    performance.now = () => now() + 5_000;
    for (let sent = 0, rounds = 0; sent < 2 && rounds < 200; rounds++, { sent } = await spanhouse.flush()) {
      await setTimeout(50);
      collectGarbage();
    }
  `);
  expect(await ended).toEqual({ code: 0, signal: null, output: "" });
  const [announced, left] = collector.spans;
  expect(announced?.attributes).toMatchObject({ "spanhouse.open": true });
  expect(left).toMatchObject({
    spanId: announced?.spanId,
    attributes: { "spanhouse.aborted": true, "gen_ai.response.id": "c-1" },
  });
  expect(left?.attributes["spanhouse.response"]).toContain('"Hel"');
});

test("a process of its own has an instance of its own, and a trace goes on in it", async () => {
  const { ended } = run(`
    import { Worker } from "node:worker_threads";
    await spanhouse.trace("parent", async () => {
      const source = \`
        const { workerData } = require("node:worker_threads");
        import(${JSON.stringify(build)}).then(async ({ trace, extract, shutdown }) => {
          trace("child", { parent: extract(workerData) }, () => undefined);
          await shutdown();
        });\`;
      const worker = new Worker(source, { eval: true, execArgv: [], workerData: spanhouse.inject() });
      await new Promise((resolve) => worker.once("exit", resolve));
    });
  `);
  expect(await ended).toEqual({ code: 0, signal: null, output: "" });
  const [parent, child] = ["parent", "child"].map((name) => collector.spans.find((span) => span.name === name));
  expect(child).toMatchObject({ traceId: parent?.traceId, parentSpanId: parent?.spanId });
  expect(new Set(collector.resources.map((resource) => resource["spanhouse.instance"])).size).toBe(2);
});
