import { randomInt } from "node:crypto";
import { parseArgs } from "node:util";
import { decodeTraces } from "@spanhouse/schemas/otlp/decode";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { decodeJson } from "@spanhouse/schemas/otlp/json";
import type { ExportTraceServiceRequest } from "@spanhouse/schemas/otlp/model";
import { splitByTrace } from "@spanhouse/schemas/otlp/split-by-trace";
import { numberOf } from "./arguments.ts";
import { mutant, type Random, randomOf } from "./fuzz/mutant.ts";

// `npm run fuzz -- --cases N [--seed N]`: mutated requests against the OTLP codec, protobuf and JSON. A case fails when
// something is thrown, when an answer is no known one, or when splitting by trace loses or changes a span.

const seedRequests: readonly ExportTraceServiceRequest[] = [1, 2, 3].map((traces) => ({
  resourceSpans: [
    {
      resource: { attributes: [{ key: "service.name", value: { type: "string", value: "shop" } }] },
      scopeSpans: [
        {
          scope: { name: "fuzz", version: "1" },
          spans: Array.from({ length: traces * 2 }, (_, n) => ({
            traceId: String((n % traces) + 1).padStart(32, "0"),
            spanId: String(n + 1).padStart(16, "0"),
            name: "chat é",
            startTimeUnixNano: 1_790_000_000_000_000_000n,
            endTimeUnixNano: 1_790_000_001_000_000_000n,
            attributes: [
              { key: "gen_ai.usage.input_tokens", value: { type: "int" as const, value: 12n } },
              { key: "x", value: { type: "array" as const, value: [{ type: "double" as const, value: 0.5 }] } },
              { key: "gen_ai.output.messages", value: { type: "string" as const, value: '[{"role":"assistant"}]' } },
            ],
            events: [{ name: "e", timeUnixNano: 1n, attributes: [] }],
            status: { code: 2, message: "no" },
          })),
        },
      ],
    },
  ],
}));
const json = JSON.stringify({
  resourceSpans: [
    {
      scopeSpans: [
        {
          spans: [
            {
              ...{
                traceId: "1".repeat(32),
                spanId: "2".repeat(16),
                name: "a",
                startTimeUnixNano: "1",
                endTimeUnixNano: 2,
              },
              attributes: [
                { key: "k", value: { arrayValue: { values: [{ intValue: "1" }, { stringValue: "\u00e9" }] } } },
              ],
            },
          ],
        },
      ],
    },
  ],
});
const protobufSeeds = seedRequests.map(encodeTraces);
const jsonSeeds = [new TextEncoder().encode(json)];

/** Everything that the gateway and the consumer do with bytes that somebody sent; throws where a case fails. */
function checkProtobuf(bytes: Uint8Array): void {
  const decoded = decodeTraces(bytes);
  if (decoded.kind === "failed") {
    if (!decoded.code.startsWith("OTLP_") || decoded.message === "") throw new Error(`answered ${decoded.code}`);
    return;
  }
  const { spans } = decoded.traces;
  for (const span of spans) {
    for (let index = 0; index < span.attributes.length; index++) {
      span.attributes.key(index);
      span.attributes.text(index);
    }
  }
  let split = 0;
  for (const [traceId, request] of splitByTrace(decoded.traces)) {
    const again = decodeTraces(request);
    if (again.kind === "failed") throw new Error(`a part of the split fails: ${again.message}`);
    if (again.traces.spans.some((span) => span.traceId !== traceId)) throw new Error("a span in another's trace");
    split += again.traces.spans.length;
  }
  if (split !== spans.length) throw new Error(`${spans.length} spans became ${split}`);
}

function checkJson(bytes: Uint8Array): void {
  const decoded = decodeJson(bytes);
  if (decoded.kind === "decoded") checkProtobuf(decoded.protobuf);
  else if (decoded.message === "") throw new Error(`answered ${decoded.code} without a word`);
}

function oneCase(random: Random): void {
  const protobuf = random(4) > 0;
  const seeds = protobuf ? protobufSeeds : jsonSeeds;
  const bytes = mutant(seeds[random(seeds.length)]!, random);
  try {
    (protobuf ? checkProtobuf : checkJson)(bytes);
  } catch (error) {
    const what = error instanceof Error ? error.message : String(error);
    throw new Error(`${what}\n${protobuf ? "protobuf" : "JSON"}: ${Buffer.from(bytes).toString("hex")}`);
  }
}

const { values } = parseArgs({ options: { cases: { type: "string" }, seed: { type: "string" } } });
const cases = numberOf("--cases", values.cases ?? "100000");
const seed = values.seed === undefined ? randomInt(2 ** 32 - 1) : numberOf("--seed", values.seed);
const random = randomOf(seed);
const started = process.cpuUsage();
let done = 0;
try {
  for (; done < cases; done++) oneCase(random);
  const { user, system } = process.cpuUsage(started);
  process.stdout.write(`${cases} cases, seed ${seed}: none failed; ${((user + system) / 1e6).toFixed(1)} s of CPU\n`);
} catch (error) {
  process.stderr.write(`case ${done} of seed ${seed}: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
