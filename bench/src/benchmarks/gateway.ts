import { Buffer } from "node:buffer";
import { fork } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { connect } from "node:http2";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { rewriteTexts } from "@spanhouse/gateway/redaction/record-rewriter";
import { policyRewrite } from "@spanhouse/gateway/redaction/redactor";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { median } from "../measure/median.ts";
import type { Benchmark } from "./benchmark.ts";

const spansARequest = 100;
const spansATrace = 5;
const most = 15;

const words =
  "the quick brown fox answers a long question about shipping times, returns and the weather in Lisbon ".split(" ");

function text(bytes: number, n: number): string {
  let said = "";
  for (let at = n; said.length < bytes; at++) said += `${words[at % words.length]} `;
  return said.slice(0, bytes);
}

/** 100 spans of 2.5 KB in 20 traces, with a request and an answer as JSON; one in ten has an address and a card. */
function requestOf(seed: number): Uint8Array {
  const spans = Array.from({ length: spansARequest }, (_, n) => {
    const secret = n % 10 === 0 ? " Write to ada@example.org or charge 4111 1111 1111 1111." : "";
    const asked = JSON.stringify({
      model: "m-1",
      messages: [{ role: "user", content: text(1_500, n + seed) + secret }],
    });
    const answered = JSON.stringify({
      choices: [{ message: { content: text(500, n) } }],
      usage: { prompt_tokens: 400 },
    });
    return {
      traceId: (seed * 1_000 + Math.floor(n / spansATrace) + 1).toString(16).padStart(32, "0"),
      spanId: randomBytes(8).toString("hex"),
      name: "chat m-1",
      startTimeUnixNano: 1_790_000_000_000_000_000n,
      endTimeUnixNano: 1_790_000_001_000_000_000n,
      attributes: [
        ...Object.entries({ "gen_ai.operation.name": "chat", "gen_ai.request.model": "m-1", "user.id": `u${n}` }),
        ...Object.entries({ "spanhouse.request": asked, "spanhouse.response": answered }),
      ].map(([key, value]) => ({ key, value: { type: "string" as const, value } })),
    };
  });
  return encodeTraces({ resourceSpans: [{ scopeSpans: [{ scope: { name: "bench" }, spans }] }] });
}

type Send = (body: Uint8Array) => Promise<void>;

/** What of the gateway's own CPU a span costs, by protocol, and a KB of texts to redact. */
export const gateway: Benchmark = {
  name: "gateway",
  summary: "the gateway's CPU a span of 2.5 KB at 100 spans a request, by HTTP and gRPC; redaction a KB",
  options: { requests: 200, rounds: 5 },

  async run({ requests = 200, rounds = 5 }, tell) {
    const bodies = Array.from({ length: 20 }, (_, seed) => requestOf(seed));
    const child = fork(fileURLToPath(new URL("../measure/gateway-child.js", import.meta.url)));
    const [{ url, grpcPort }] = (await once(child, "message")) as [{ url: string; grpcPort: number }];
    const session = connect(`http://127.0.0.1:${grpcPort}`);
    const post = async (body: Uint8Array, encoding: Record<string, string>) => {
      const headers = { "content-type": "application/x-protobuf", "x-api-key": "bench", ...encoding };
      const answer = await fetch(`${url}/v1/traces`, { method: "POST", headers, body: Buffer.from(body) });
      await answer.arrayBuffer();
      if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
    };
    const ways: Readonly<Record<string, { readonly send: Send; readonly bodies: readonly Uint8Array[] }>> = {
      "HTTP, protobuf": { send: (body) => post(body, {}), bodies },
      "HTTP, protobuf, gzip": {
        send: (body) => post(body, { "content-encoding": "gzip" }),
        bodies: bodies.map((body) => gzipSync(body)),
      },
      gRPC: { send: (body) => call(session, body, false), bodies },
      "gRPC, gzip": { send: (body) => call(session, body, true), bodies: bodies.map((body) => gzipSync(body)) },
    };
    const cpu = async (): Promise<number> => {
      child.send("cpu");
      const [used] = (await once(child, "message")) as [number];
      return used;
    };
    const costs = new Map(Object.keys(ways).map((way) => [way, [] as number[]]));
    try {
      // The first round warms the code and is not counted. Ways take turns, so that the machine's moods are all theirs.
      for (let round = 0; round <= rounds; round++) {
        for (const [way, { send, bodies: sent }] of Object.entries(ways)) {
          const before = await cpu();
          for (let at = 0; at < requests; at += 4) {
            await Promise.all([0, 1, 2, 3].map((next) => send(sent[(at + next) % sent.length]!)));
          }
          const each = ((await cpu()) - before) / (requests * spansARequest);
          if (round > 0) costs.get(way)!.push(each);
          tell(`round ${round}: ${way}: ${each.toFixed(2)} µs a span`);
        }
      }
    } finally {
      session.destroy();
      child.kill();
    }
    const bytes = bodies.reduce((sum, body) => sum + body.length, 0);
    const figures = Array.from(costs, ([way, each]) => {
      const value = median(each);
      return { name: `${way}: CPU`, value, unit: "µs a span", target: most, ok: value <= most };
    });
    const policies = {
      "patterns email, phone, card, secret": policyRewrite({
        ...{ patterns: ["email", "phone", "card", "secret"] as const, custom: [], content: "keep" as const },
      }),
      "content dropped": policyRewrite({ patterns: [], custom: [], content: "drop" }),
      "content hashed": policyRewrite({ patterns: [], custom: [], content: "hash" }),
    };
    const redaction = Object.entries(policies).map(([name, rewrite]) => {
      const each: number[] = [];
      for (let round = 0; round <= rounds; round++) {
        const started = process.cpuUsage();
        for (let turn = 0; turn < 5; turn++) for (const body of bodies) rewriteTexts(body, rewrite);
        const { user, system } = process.cpuUsage(started);
        if (round > 0) each.push((user + system) / ((5 * bytes) / 1024));
      }
      return { name: `redaction, ${name}: CPU`, value: median(each), unit: "µs a KB", target: null, ok: true };
    });
    const size = bytes / bodies.length / spansARequest;
    return {
      figures: [{ name: "span", value: size, unit: "bytes", target: null, ok: true }, ...figures, ...redaction],
      versions: {},
    };
  },
};

async function call(session: ReturnType<typeof connect>, body: Uint8Array, compressed: boolean): Promise<void> {
  const stream = session.request({
    ":method": "POST",
    ":path": "/opentelemetry.proto.collector.trace.v1.TraceService/Export",
    ...{ "content-type": "application/grpc", te: "trailers", "x-api-key": "bench" },
    ...(compressed && { "grpc-encoding": "gzip" }),
  });
  const frame = Buffer.alloc(5);
  frame[0] = compressed ? 1 : 0;
  frame.writeUInt32BE(body.length, 1);
  let status: unknown;
  stream.on("trailers", (trailers) => {
    status = trailers["grpc-status"];
  });
  stream.resume().write(frame);
  stream.end(body);
  await once(stream, "close");
  if (status !== "0") throw new Error(`the gateway answered gRPC status ${String(status)}`);
}
