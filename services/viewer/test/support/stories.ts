import type { AlertEvent } from "../../../store/src/alerts/alert-events.ts";
import { type ToldSpan, type ToldTrace, traceIdOf } from "./otlp.ts";

/** A model call with the exact bodies of its request and response, as the SDKs send them. */
export function chat(told: {
  readonly at: number;
  readonly ms: number;
  readonly model: string;
  readonly messages: readonly object[];
  readonly answer: object;
  readonly tokens: readonly [input: number, output: number];
  readonly cached?: number;
  readonly firstChunkMs?: number;
  readonly tools?: readonly object[];
  readonly attempt?: number;
  readonly more?: Readonly<Record<string, string>>;
}): ToldSpan {
  const [input, output] = told.tokens;
  const finish = "tool_calls" in told.answer ? "tool_calls" : "stop";
  const request = {
    model: told.model,
    messages: told.messages,
    temperature: 0.2,
    ...(told.tools ? { tools: told.tools } : {}),
  };
  const response = {
    id: `chatcmpl-${told.model}-${told.at}-${input}`,
    object: "chat.completion",
    model: `${told.model}-2025-04-14`,
    choices: [{ index: 0, message: { role: "assistant", refusal: null, ...told.answer }, finish_reason: finish }],
    usage: {
      prompt_tokens: input,
      completion_tokens: output,
      total_tokens: input + output,
      prompt_tokens_details: { cached_tokens: told.cached ?? 0 },
    },
  };
  return {
    name: `chat ${told.model}`,
    at: told.at,
    ms: told.ms,
    attributes: {
      "gen_ai.operation.name": "chat",
      "gen_ai.provider.name": "openai",
      "gen_ai.request.model": told.model,
      "gen_ai.response.model": response.model,
      "gen_ai.response.id": response.id,
      "gen_ai.usage.input_tokens": input,
      "gen_ai.usage.output_tokens": output,
      "gen_ai.usage.cache_read.input_tokens": told.cached ?? 0,
      "gen_ai.response.finish_reasons": [finish],
      ...(told.firstChunkMs === undefined ? {} : { "gen_ai.response.time_to_first_chunk": told.firstChunkMs / 1000 }),
      ...(told.attempt === undefined ? {} : { "spanhouse.attempt": told.attempt }),
      "spanhouse.request": JSON.stringify(request),
      "spanhouse.response": JSON.stringify(response),
      ...told.more,
    },
  };
}

export function toolSpan(name: string, at: number, ms: number, args: object, result: object, callId: string): ToldSpan {
  return {
    name: `execute_tool ${name}`,
    at,
    ms,
    attributes: {
      "gen_ai.operation.name": "execute_tool",
      "gen_ai.tool.name": name,
      "gen_ai.tool.call.id": callId,
      "gen_ai.tool.call.arguments": JSON.stringify(args),
      "gen_ai.tool.call.result": JSON.stringify(result),
    },
  };
}

const system = {
  role: "system",
  content:
    "You are the support agent of **Meridian**, a shop for kitchenware.\n\n- Look up the order before you answer.\n- Search the help articles; cite what you used.\n- Answer in three sentences at most.",
};
const searchTool = {
  type: "function",
  function: {
    name: "search_articles",
    description: "Full-text search over the help articles",
    parameters: { type: "object", properties: { query: { type: "string" } }, required: ["query"] },
  },
};
const orderTool = {
  type: "function",
  function: {
    name: "lookup_order",
    description: "An order by its number",
    parameters: { type: "object", properties: { id: { type: "string" } }, required: ["id"] },
  },
};

const identity = (user: string, conversation: string) => ({
  "user.id": user,
  "gen_ai.conversation.id": conversation,
  "spanhouse.feature": "support-chat",
  "spanhouse.team": "customer-care",
});

const queries = [
  ...["return window cast iron", "refund after 30 days", "opened packaging refund", "cast iron rust warranty"],
  ...["return shipping label", "refund to gift card", "damaged on arrival", "restocking fee", "refund exception"],
  "manager approval refund",
] as const;

/** One slow search among ten, a call that had to be made twice, and a step that nobody traced. */
export function searchedTenTimes(key: string, start: number, user: string): ToldTrace {
  const asked = {
    role: "user",
    content: "I bought a cast iron pan six weeks ago and it rusted. Can I get my money back? Order A-7672.",
  };
  const calls = [
    { id: "call_order", type: "function", function: { name: "lookup_order", arguments: '{"id":"A-7672"}' } },
    ...queries.map((query, at) => ({
      id: `call_search_${at}`,
      type: "function",
      function: { name: "search_articles", arguments: JSON.stringify({ query }) },
    })),
  ];
  const order = { id: "A-7672", item: "cast iron pan, 28 cm", ordered: "2026-10-09", state: "delivered" };
  const found = (at: number) => ({
    query: queries[at],
    articles: at % 3 === 2 ? [] : [{ id: `help-${at + 11}`, title: "Returns and refunds", score: 0.82 - at * 0.04 }],
  });
  const history = [system, asked, { role: "assistant", content: null, tool_calls: calls }];
  const results = [
    { role: "tool", tool_call_id: "call_order", content: JSON.stringify(order) },
    ...queries.map((_, at) => ({
      role: "tool",
      tool_call_id: `call_search_${at}`,
      content: JSON.stringify(found(at)),
    })),
  ];
  const answer =
    "Rust on cast iron is not covered by the 30-day return, but it **is** covered by our two-year care warranty.\n\n1. I have opened warranty case `W-2291` for order A-7672.\n2. Send one photo of the pan by replying here.\n\nYou will have a new pan within five working days.";
  let clock = 1_480;
  const searches = queries.map((query, at) => {
    const ms = at === 6 ? 1_870 : 92 + ((at * 37) % 60);
    const span = toolSpan("search_articles", clock, ms, { query }, found(at), `call_search_${at}`);
    clock += ms + 6;
    return span;
  });
  const end = clock + 40;
  const root: ToldSpan = {
    name: "invoke_agent support-agent",
    at: 0,
    ms: end + 4_420,
    attributes: {
      "gen_ai.operation.name": "invoke_agent",
      "gen_ai.agent.name": "support-agent",
      "spanhouse.tags": ["web", "vip"],
      "spanhouse.metadata.plan": "pro",
      ...identity(user, `conv-${key}`),
    },
    below: [
      chat({
        ...{
          at: 12,
          ms: 1_330,
          model: "gpt-4.1",
          firstChunkMs: 610,
          tokens: [412, 238],
          tools: [orderTool, searchTool],
        },
        messages: [system, asked],
        answer: { content: null, tool_calls: calls },
        more: identity(user, `conv-${key}`),
      }),
      toolSpan("lookup_order", 1_352, 118, { id: "A-7672" }, order, "call_order"),
      ...searches,
      {
        ...chat({
          ...{ at: end, ms: 240, model: "gpt-4.1", tokens: [2_310, 0] },
          messages: [...history, ...results],
          answer: { content: "" },
        }),
        attributes: {
          "gen_ai.operation.name": "chat",
          "gen_ai.provider.name": "openai",
          "gen_ai.request.model": "gpt-4.1",
          "error.type": "rate_limit_exceeded",
          "http.response.status_code": 429,
          "spanhouse.request": JSON.stringify({ model: "gpt-4.1", messages: [...history, ...results] }),
          ...identity(user, `conv-${key}`),
        },
        error: "429 Rate limit reached for gpt-4.1 in organization org-meridian on tokens per min (TPM)",
      },
      chat({
        ...{
          at: end + 720,
          ms: 1_980,
          model: "gpt-4.1",
          firstChunkMs: 540,
          tokens: [2_310, 131],
          cached: 1_792,
          attempt: 2,
        },
        messages: [...history, ...results],
        answer: { content: answer },
        more: identity(user, `conv-${key}`),
      }),
      chat({
        ...{ at: end + 3_640, ms: 760, model: "gpt-4.1-mini", firstChunkMs: 220, tokens: [356, 22] },
        messages: [
          { role: "system", content: "Approve what is polite and correct, else say why not." },
          { role: "user", content: `Question: ${asked.content}\n\nAnswer: ${answer}` },
        ],
        answer: { content: "Approved: polite, correct, and it names the order." },
        more: identity(user, `conv-${key}`),
      }),
    ],
  };
  return { key, start, root, resource: { "deployment.environment.name": "production", "service.version": "2.14.0" } };
}

/** A question whose answer was refused. */
export function refused(key: string, start: number, user: string): ToldTrace {
  const span = chat({
    ...{ at: 8, ms: 640, model: "gpt-4.1-mini", firstChunkMs: 300, tokens: [188, 24] },
    messages: [
      system,
      { role: "user", content: "Write the refund mail for me as if you were the manager of the shop." },
    ],
    answer: { content: null, refusal: "I'm sorry, but I can't write as another person." },
    more: identity(user, `conv-${key}`),
  });
  return {
    ...{ key, start },
    root: {
      name: "invoke_agent support-agent",
      at: 0,
      ms: 660,
      attributes: { "gen_ai.operation.name": "invoke_agent", ...identity(user, `conv-${key}`) },
      below: [span],
    },
    resource: { "deployment.environment.name": "production", "service.version": "2.14.0" },
  };
}

/** Retrieval with documents, and a wrapper that tells its call's usage again. */
export function answeredFromDocuments(key: string, start: number, user: string): ToldTrace {
  const documents = [
    {
      id: "help-11",
      score: 0.91,
      content: "Seasoned cast iron: dry at once, oil lightly.",
      source: "articles/care.md",
    },
    {
      id: "help-19",
      score: 0.74,
      content: "The care warranty covers rust for two years.",
      source: "articles/warranty.md",
    },
  ];
  const call = chat({
    ...{ at: 150, ms: 900, model: "gpt-4.1-mini", firstChunkMs: 260, tokens: [540, 61] },
    messages: [system, { role: "user", content: "How do I keep the pan from rusting?" }],
    answer: { content: "Dry it at once and oil it lightly; if it rusts anyway, our care warranty covers it." },
    more: identity(user, `conv-${key}`),
  });
  return {
    ...{ key, start },
    root: {
      name: "answer from documents",
      at: 0,
      ms: 1_080,
      attributes: { ...identity(user, `conv-${key}`) },
      below: [
        {
          name: "retrieval help-articles",
          at: 6,
          ms: 120,
          attributes: {
            "gen_ai.operation.name": "retrieval",
            "gen_ai.data_source.id": "help-articles",
            "gen_ai.retrieval.query.text": "keep pan from rusting",
            "gen_ai.retrieval.documents": documents,
          },
        },
        {
          name: "chain answer",
          at: 140,
          ms: 920,
          attributes: {
            "gen_ai.operation.name": "invoke_workflow",
            "gen_ai.usage.input_tokens": 540,
            "gen_ai.usage.output_tokens": 61,
            "gen_ai.request.model": "gpt-4.1-mini",
            "gen_ai.provider.name": "openai",
          },
          below: [call],
        },
      ],
    },
    resource: { "deployment.environment.name": "staging", "service.version": "2.15.0-rc1" },
  };
}

/** An agent that has not ended: its root was announced. */
export function running(key: string, start: number, user: string): ToldTrace {
  const whole = refused(key, start, user);
  return { ...whole, root: { ...whole.root, name: "invoke_agent batch-writer", open: true, ms: 0 } };
}

/** What a page must show and never run. */
export const hostileTexts = [
  "<script>window.__attacked = 1</script>",
  '"><img src=x onerror="window.__attacked=2">',
  "<svg/onload=window.__attacked=3>",
  "[a link](javascript:window.__attacked=4)",
  '<iframe srcdoc="<script>parent.__attacked=5</script>"></iframe>',
  "{{constructor.constructor('window.__attacked=6')()}}",
  "</style><style>*{display:none!important}</style>",
  '![x](x"onerror="window.__attacked=7)',
  "<a href='data:text/html,<script>opener.__attacked=8</script>'>x</a>",
  "\u202Eevitcepsrep\u202C \u0000 \uFEFF",
] as const;

/** Hostile text in every field that a trace has. */
export function hostile(key: string, start: number): ToldTrace {
  const all = hostileTexts.join(" ");
  const each = (prefix: string) => Object.fromEntries(hostileTexts.map((text, at) => [`${prefix}${at}`, text]));
  const call = chat({
    ...{ at: 10, ms: 300, model: hostileTexts[1], tokens: [10, 5] },
    messages: [
      { role: "system", content: all },
      {
        role: "user",
        content: [
          { type: "text", text: all },
          { type: "image_url", image_url: { url: "javascript:window.__attacked=9" } },
        ],
      },
    ],
    answer: {
      content: all,
      tool_calls: [
        {
          id: hostileTexts[0],
          type: "function",
          function: { name: hostileTexts[1], arguments: JSON.stringify({ x: all }) },
        },
      ],
    },
    tools: [
      { type: "function", function: { name: hostileTexts[2], description: all, parameters: { description: all } } },
    ],
    more: {
      ...each("spanhouse.metadata.x"),
      "spanhouse.feature": hostileTexts[0],
      "spanhouse.prompt": hostileTexts[1],
      "spanhouse.team": hostileTexts[2],
      [hostileTexts[0]]: all,
    },
  });
  const tool = toolSpan(hostileTexts[0], 320, 20, { query: all }, { result: all }, hostileTexts[1]);
  return {
    ...{ key, start, service: hostileTexts[2] },
    resource: {
      "deployment.environment.name": hostileTexts[0],
      "service.version": hostileTexts[1],
      [hostileTexts[2]]: all,
    },
    root: {
      name: hostileTexts[0],
      at: 0,
      ms: 400,
      attributes: {
        "gen_ai.operation.name": "invoke_agent",
        "gen_ai.agent.name": hostileTexts[1],
        "user.id": hostileTexts[1],
        "gen_ai.conversation.id": hostileTexts[2],
        "spanhouse.tags": [hostileTexts[0], hostileTexts[4]],
        "error.type": hostileTexts[1],
      },
      error: all,
      below: [call, tool],
    },
  };
}

/** A model that began to refuse, as the alert service tells of it. */
export function refusalsAlert(episode: string, firedAtMs: number): AlertEvent {
  const at = Math.floor(firedAtMs / 1000);
  const share = { share: 0.9, before: 0, now: 0.33 };
  return {
    ...{ project: "default", episode, event: "firing", firedAt: at, at, rule: "refusals", group: ["model-a"] },
    receivers: [],
    body: {
      ...{ group: { response_model: "model-a" }, severity: "warning", signal: "refusal_rate", labels: {} },
      ...{ summary: "model-a refuses a third of its calls", value: 0.33, expected: 0.1, settled: true },
      evidence: {
        traces: [{ trace_id: traceIdOf("refused"), name: "refused call", why: "refused" }],
        series: [],
        contributions: [{ dimension: "response_model", value: "model-a", ...share }],
        kinds: [{ dimension: "refusal", value: "explicit", ...share }],
      },
    },
  };
}
