interface HugeTrace {
  readonly spans: number;
  readonly gatewayUrl: string;
  readonly apiKey: string;
}

const perRequest = 2_000;
const traceId = "5eed".repeat(8);
const spanId = (at: number) => (at + 1).toString(16).padStart(16, "0");

/** Sends one trace of so many spans: steps of an agent, each a model call and tools of different names. Returns its id. */
export async function hugeTrace({ spans, gatewayUrl, apiKey }: HugeTrace): Promise<string> {
  const start = BigInt(Date.now() - 600_000) * 1_000_000n;
  for (let first = 0; first < spans; first += perRequest) {
    const some = Array.from({ length: Math.min(perRequest, spans - first) }, (_, i) => spanAt(first + i, start, spans));
    const response = await fetch(`${gatewayUrl}/v1/traces`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: some }] }] }),
    });
    if (!response.ok) throw new Error(`the gateway answered ${response.status}: ${await response.text()}`);
  }
  return traceId;
}

/** Every tenth span is a step below the root; the others lie below their step. No two neighbours are the same call. */
function spanAt(at: number, start: bigint, spans: number): object {
  const step = at - (at % 10);
  const root = at === 0;
  const isStep = at % 10 === 0;
  const model = at % 10 === 1;
  const parent = root ? "" : isStep || step === 0 ? spanId(0) : spanId(step);
  const from = start + BigInt(at) * 5_000_000n;
  const length = root ? BigInt(spans) * 5_000_000n : isStep ? 50_000_000n : 4_000_000n;
  const text = (key: string, value: string) => ({ key, value: { stringValue: value } });
  const number = (key: string, value: number) => ({ key, value: { intValue: String(value) } });
  return {
    traceId,
    spanId: spanId(at),
    ...(parent ? { parentSpanId: parent } : {}),
    name: root
      ? "invoke_agent crawler"
      : isStep
        ? `step ${at / 10}`
        : model
          ? "chat gpt-4.1-mini"
          : `execute_tool tool_${at % 10}`,
    startTimeUnixNano: String(from),
    endTimeUnixNano: String(from + length),
    attributes: model
      ? [
          ...[text("gen_ai.operation.name", "chat"), text("gen_ai.provider.name", "openai")],
          ...[text("gen_ai.request.model", "gpt-4.1-mini"), text("gen_ai.response.id", `response-${at}`)],
          ...[number("gen_ai.usage.input_tokens", 900 + (at % 97)), number("gen_ai.usage.output_tokens", 40)],
        ]
      : isStep
        ? []
        : [text("gen_ai.operation.name", "execute_tool"), text("gen_ai.tool.name", `tool_${at % 10}`)],
  };
}
