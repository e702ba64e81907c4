import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ProviderSimulator, startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { afterAll, beforeAll, expect, test } from "vitest";
import { amazonFrames } from "../../src/replay/amazon-event-stream.ts";
import { keepCase } from "../../src/replay/case-store.ts";
import type { ReplayReport } from "../../src/replay/report.ts";
import { run } from "./command.ts";
import { programs, recordCase } from "./record-case.ts";

let folder: string;
let simulator: ProviderSimulator;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "spanhouse-replay-providers-"));
  simulator = await startProviderSimulator();
});
afterAll(async () => {
  await simulator.stop();
  rmSync(folder, { recursive: true, force: true });
});

test.each([
  { language: "TypeScript", spans: 6 },
  { language: "Python", spans: 8 },
] as const)(
  "clients of each provider, streams and async ones, in $language",
  async ({ language, spans }) => {
    const command = programs[language]("providers");
    const made = await recordCase(command, simulator.url);
    expect(made.spans).toHaveLength(spans);
    const asked = simulator.requests().length;
    const { code, stdout } = await run(["replay", "--set", keepCase(made, folder), "--json", "--", ...command]);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.spans.filter(({ verdict }) => verdict !== "same")).toEqual([]);
    expect([report.result, code]).toEqual(["same", 0]);
    expect(simulator.requests()).toHaveLength(asked);
  },
  60_000,
);

/** What Bedrock says to a stream's request, by the end of its address. */
const streams: Readonly<Record<string, readonly (readonly [string, object])[]>> = {
  "converse-stream": [
    ["messageStart", { role: "assistant" }],
    ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "In Graz." } }],
    ["messageStop", { stopReason: "end_turn" }],
    ["metadata", { usage: { inputTokens: 10, outputTokens: 4, totalTokens: 14 } }],
  ],
  "invoke-with-response-stream": [
    ["chunk", { type: "message_start", message: { id: "msg_1", usage: { input_tokens: 7 } } }],
    ["chunk", { type: "message_stop" }],
  ],
};

/** Bedrock's endpoint, as boto3 is told of it. */
async function startBedrock() {
  const server = createServer((request, response) => {
    const events = streams[(request.url ?? "").split("/").at(-1) ?? ""] ?? [];
    const text = events.map(([kind, data]) => `event: ${kind}\ndata: ${JSON.stringify(data)}\n\n`).join("");
    request.resume().on("end", () => {
      response.writeHead(200, { "content-type": "application/vnd.amazon.eventstream" });
      response.end(Buffer.concat(amazonFrames(text)));
    });
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { url, stop: () => server.close().closeAllConnections() };
}

test.each([
  { language: "TypeScript", output: '{"image":8000,"sound":21}' },
  {
    language: "Python",
    output: '[8000,21,"In Graz.","message_start","message_stop"]',
  },
] as const)(
  "media come as others of the same size, and Bedrock's streams in its frames, in $language",
  async ({ language, output }) => {
    const bedrock = await startBedrock();
    const command = programs[language]("media");
    const made = await recordCase(command, simulator.url, { AWS_ENDPOINT_URL_BEDROCK_RUNTIME: bedrock.url });
    bedrock.stop();
    const { code, stdout } = await run(["replay", "--set", keepCase(made, folder), "--json", "--", ...command]);
    const report = JSON.parse(stdout) as ReplayReport;
    expect(report.spans.filter(({ verdict }) => verdict !== "same")).toEqual([]);
    expect([report.result, code]).toEqual(["same", 0]);
    expect(JSON.stringify(made)).toContain("spanhouse:media:");
    expect(JSON.stringify(JSON.parse(made.spans[0]!.texts.output!))).toBe(output);
  },
  60_000,
);
