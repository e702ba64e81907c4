import type { AnyValue, KeyValue, Span } from "@spanhouse/schemas/otlp/model";
import * as fc from "fast-check";

/** Names that some reader looks for, with prefixes of dotted ones, and names that would break a careless lookup. */
const names = [
  "gen_ai.operation.name",
  "gen_ai.provider.name",
  "gen_ai.system",
  "gen_ai.request.model",
  "gen_ai.response.model",
  "gen_ai.response.id",
  "gen_ai.response.finish_reasons",
  "gen_ai.response.time_to_first_chunk",
  "gen_ai.usage.input_tokens",
  "gen_ai.usage.output_tokens",
  "gen_ai.usage.cache_read.input_tokens",
  "gen_ai.usage.cache_creation.input_tokens",
  "gen_ai.usage.reasoning.output_tokens",
  "gen_ai.input.messages",
  "gen_ai.output.messages",
  "anthropic.message.stop_reason",
  "anthropic.usage.cache_creation.ephemeral_1h_input_tokens",
  "gen_ai.prompt",
  "gen_ai.prompt.0.content",
  "gen_ai.prompt.0.content.0.x.y.z.1.2.3.4.5.6.7.8.9",
  "gen_ai.prompt.0",
  "gen_ai.prompt.",
  "gen_ai.completion.__proto__.constructor",
  "gen_ai.completion.4294967296.content",
  "gen_ai.tool.name",
  "gen_ai.tool.call.arguments",
  "gen_ai.retrieval.documents",
  "openai.response.service_tier",
  "openinference.span.kind",
  "llm.model_name",
  "llm.provider",
  "llm.token_count.prompt",
  "llm.token_count.completion",
  "llm.token_count.prompt_details.audio",
  "input.value",
  "output.value",
  "retrieval.documents.0.document.id",
  "traceloop.span.kind",
  "llm.request.type",
  "traceloop.entity.input",
  "error.type",
  "http.response.status_code",
  "exception.type",
  "exception.message",
  "session.id",
  "user.id",
  "spanhouse.tags",
  "spanhouse.metadata.",
  "spanhouse.metadata.__proto__",
  "spanhouse.attempt",
  "spanhouse.revision",
  "spanhouse.open",
  "spanhouse.sequence",
  "spanhouse.aborted",
  "spanhouse.refusal",
  "spanhouse.redacted",
  "spanhouse.request",
  "spanhouse.response",
  "service.name",
  "",
];

const telling = [
  "chat",
  "embeddings",
  "constructor",
  "__proto__",
  "toString",
  "openai",
  "anthropic",
  "OPENAI ",
  "gpt-4o",
  "claude-sonnet-4-5",
  "LLM",
  "TOOL",
  "workflow",
  "tool",
  "stop",
  "refusal",
  "429",
  "batch",
  "NaN",
  "1e309",
  "-1",
  "[",
  "[[[[",
  "null",
  '{"choices":[null,{"message":{"content":[1,{"type":"text"}],"tool_calls":[0]}}],"usage":{"prompt_tokens":"x"}}',
  '{"type":"message","content":[{"type":"text"}],"usage":{"input_tokens":-1,"output_tokens":1e300}}',
  '{"object":"response","output":[{"content":[null]}],"usage":{"input_tokens":1.5}}',
  'data: {"type":"message_start"}\n\ndata: {"type":"message_delta","usage":null}\n\ndata: {"cut',
  'data: {"choices":[{"delta":null}]}\n\n',
];

const text = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...telling) },
  { weight: 1, arbitrary: fc.string({ unit: "binary", maxLength: 300 }) },
  { weight: 1, arbitrary: fc.json() },
);

const scalar: fc.Arbitrary<AnyValue> = fc.oneof(
  { weight: 6, arbitrary: text.map((value) => ({ type: "string", value }) as const) },
  {
    weight: 3,
    arbitrary: fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((value) => ({ type: "int", value }) as const),
  },
  { weight: 3, arbitrary: fc.nat(100_000).map((value) => ({ type: "int", value: BigInt(value) }) as const) },
  { weight: 2, arbitrary: fc.double().map((value) => ({ type: "double", value }) as const) },
  { weight: 1, arbitrary: fc.boolean().map((value) => ({ type: "bool", value }) as const) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 40 }).map((value) => ({ type: "bytes", value }) as const) },
  { weight: 1, arbitrary: fc.constant({ type: "empty" } as const) },
);

const key = fc.oneof({ weight: 9, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: fc.string() });

const value: fc.Arbitrary<AnyValue> = fc.oneof(
  { weight: 6, arbitrary: scalar },
  {
    weight: 1,
    arbitrary: fc.array(scalar, { maxLength: 4 }).map((items) => ({ type: "array", value: items }) as const),
  },
  {
    weight: 1,
    arbitrary: fc
      .array(fc.record({ key, value: scalar }), { maxLength: 4 })
      .map((entries) => ({ type: "kvlist", value: entries }) as const),
  },
);

const attributes: fc.Arbitrary<KeyValue[]> = fc.array(fc.record({ key, value }), { maxLength: 40 });

const time = fc.oneof(
  fc.constantFrom(0n, 1n, 2n ** 64n - 1n),
  fc.bigInt({ min: 1_772_000_000_000_000_000n, max: 1_773_000_000_000_000_000n }),
);

const eventName = fc.constantFrom(
  "exception",
  "gen_ai.choice",
  "gen_ai.user.message",
  "gen_ai.content.prompt",
  "gen_ai.client.inference.operation.details",
  "other",
);

/** A span with any attributes whatever. */
export const soup: fc.Arbitrary<Span> = fc.record({
  traceId: fc.constant("4bf92f3577b34da6a3ce929d0e0e4736"),
  spanId: fc.constant("b7ad6b7169203331"),
  name: text,
  kind: fc.nat(9),
  startTimeUnixNano: time,
  endTimeUnixNano: time,
  attributes,
  events: fc.array(fc.record({ name: eventName, attributes, timeUnixNano: time }), { maxLength: 3 }),
  status: fc.record({ code: fc.nat(3), message: text }),
});
