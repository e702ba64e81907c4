import { execFile, execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Collector, startCollector } from "./collector.ts";

const folder = fileURLToPath(new URL("../other-runtimes/", import.meta.url));

let simulator: ProviderSimulator;
let collector: Collector;
beforeAll(async () => {
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--ignore-scripts"];
  execFileSync("npm", args, { cwd: folder });
  simulator = await startProviderSimulator();
  collector = await startCollector();
}, 300_000);
afterAll(() => Promise.all([simulator.stop(), collector.stop()]));

test.each([
  ["Bun", "@oven/bun-linux-x64/bin/bun", ["run"]],
  ["Deno", "@deno/linux-x64-glibc/deno", ["run", "--allow-net", "--allow-env", "--allow-read"]],
])(
  "%s: calls, streams and tools arrive nested, to the byte",
  async (_name, binary, args) => {
    collector.spans.length = 0;
    simulator.reset();
    const program = [...args, "program.mjs", simulator.url, collector.url];
    const { stdout } = await promisify(execFile)(`${folder}node_modules/${binary}`, program, { cwd: folder });
    expect(JSON.parse(stdout)).toEqual({ sent: 5, retried: 0, dropped: 0, pending: 0 });

    const root = collector.spans.find(({ name }) => name === "handle message");
    const below = collector.spans.filter(({ parentSpanId }) => parentSpanId === root?.spanId);
    expect(below.map(({ name }) => name).sort()).toEqual([
      "chat gpt-4o",
      "chat gpt-4o",
      "chat gpt-4o",
      "execute_tool lookup",
    ]);
    const calls = below.filter(({ name }) => name === "chat gpt-4o").sort((a, b) => Number(a.start - b.start));
    const [whole, streamed, left] = calls.map(({ attributes }) => attributes);
    const truth = simulator.requests();
    expect(whole).toMatchObject({ "user.id": "u-1", "spanhouse.response": truth[0]?.response });
    expect(streamed).toMatchObject({
      "spanhouse.request": truth[1]?.request,
      "spanhouse.response": truth[1]?.response,
      "gen_ai.usage.output_tokens": truth[1]?.usage?.outputTokens,
    });
    expect(left).toMatchObject({ "spanhouse.aborted": true });
  },
  60_000,
);
