import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import type { AnyValue } from "@spanhouse/schemas/otlp/model";

const promptCharacters = 2_000;
const answerCharacters = 500;
const callsPerTrace = 4;

/** Calls whose prompts and answers are the text's own, piece by piece, as an SDK of ours sends them; a request a trace. */
export function* corpusCalls(text: string, endMs: number): Generator<Uint8Array> {
  const whole = promptCharacters + answerCharacters;
  const calls = Math.floor(text.length / whole);
  for (let trace = 0; trace * callsPerTrace < calls; trace++) {
    const spans = Array.from({ length: Math.min(callsPerTrace, calls - trace * callsPerTrace) }, (_, i) => {
      const n = trace * callsPerTrace + i;
      const prompt = text.slice(n * whole, n * whole + promptCharacters);
      const answer = text.slice(n * whole + promptCharacters, (n + 1) * whole);
      return call({ trace, n, prompt, answer, end: BigInt(endMs) * 1_000_000n + BigInt(n) * 7_919_113n });
    });
    yield encodeTraces({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
  }
}

interface Call {
  readonly trace: number;
  readonly n: number;
  readonly prompt: string;
  readonly answer: string;
  /** Unix nanoseconds. */
  readonly end: bigint;
}

function call({ trace, n, prompt, answer, end }: Call) {
  const text = (key: string, value: string) => ({ key, value: { type: "string", value } satisfies AnyValue });
  const model = "gpt-4.1-mini";
  const usage = { prompt_tokens: Math.ceil(prompt.length / 4), completion_tokens: Math.ceil(answer.length / 4) };
  const choices = [{ index: 0, message: { role: "assistant", content: answer }, finish_reason: "stop" }];
  return {
    traceId: id(trace, 32),
    spanId: id(n, 16),
    name: `chat ${model}`,
    startTimeUnixNano: end - 800_000_000n,
    endTimeUnixNano: end,
    attributes: [
      ...[text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai")],
      text("gen_ai.request.model", model),
      text("spanhouse.request", JSON.stringify({ model, messages: [{ role: "user", content: prompt }] })),
      text("spanhouse.response", JSON.stringify({ id: `chatcmpl-${id(n, 24)}`, model, choices, usage })),
    ],
  };
}

/** Hex digits that say nothing to a compressor, the same at every run. */
function id(n: number, digits: number): string {
  let hex = "";
  for (let state = n + 1; hex.length < digits; ) {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9;
    hex += ((state ^ (state >>> 13)) >>> 0).toString(16).padStart(8, "0");
  }
  return hex.slice(0, digits);
}
