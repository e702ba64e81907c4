import type { DiagnosisCheck } from "@spanhouse/schemas/api/diagnosis";
import type { Span } from "@spanhouse/schemas/otlp/model";
import type { Random } from "../generator/random.ts";
import { createRecording, type ModelCall, type Recording, type Said, type ToolUse } from "./recording.ts";
import type { Texts, Topic } from "./texts.ts";

/** Programs as people write them, each with the faults that it can have; without one they run as they should. */
interface Run {
  readonly recording: Recording;
  readonly random: Random;
  readonly texts: Texts;
  readonly fault: DiagnosisCheck | undefined;
}

const desk: readonly DiagnosisCheck[] = [
  ...(["unfilled_variable", "system_dropped", "context_truncated", "prompt_growing", "tool_arguments"] as const),
  ...(["call_repeated", "tool_error_ignored", "tool_span_missing", "output_not_received", "finish_length"] as const),
  ...(["model_changed", "retries_wasted", "sequential_calls", "cost_outlier", "cache_missed", "slow_call"] as const),
];
const programs: readonly { readonly run: (run: Run) => void; readonly faults: readonly DiagnosisCheck[] }[] = [
  { run: talkAtDesk, faults: desk },
  { run: answerFromHandbook, faults: ["documents_cut", "output_not_received", "unfilled_variable", "finish_length"] },
  { run: extract, faults: ["json_in_fence", "response_format", "retries_wasted", "model_changed", "finish_length"] },
  { run: labelInParallel, faults: ["sequential_calls", "call_repeated", "cost_outlier"] },
  { run: draftAndReview, faults: ["refusal_ignored", "unfilled_variable"] },
];

/** A trace of one of the programs; with a fault, of one that can have it. */
export function recordTrace(random: Random, texts: Texts, fault?: DiagnosisCheck): readonly Span[] {
  const recording = createRecording(random);
  const able = programs.filter(({ faults }) => fault === undefined || faults.includes(fault));
  random.pick(able).run({ recording, random, texts, fault });
  return recording.spans;
}

const toolOf = ({ tool, argument }: Topic) => ({
  type: "function",
  function: {
    name: tool,
    description: `Looks up by ${argument}.`,
    parameters: {
      type: "object",
      properties: { [argument]: { type: "string" }, limit: { type: "integer", minimum: 1 } },
      required: [argument],
      additionalProperties: false,
    },
  },
});

const use = (random: Random, { tool, argument }: Topic, value: string): ToolUse => ({
  id: `call_${random.hex(6)}`,
  name: tool,
  args: JSON.stringify(random.chance(0.5) ? { [argument]: value } : { [argument]: value, limit: random.int(1, 9) }),
});

/** Turns of a person with an agent that has tools. */
function talkAtDesk({ recording, random, texts, fault }: Run): void {
  const name = random.pick(texts.names);
  const filled =
    fault === "unfilled_variable"
      ? random.pick(["{{name}}", `\${customer.name}`, "undefined", "None", "[object Object]"])
      : name;
  const long = fault === "cache_missed" || random.chance(0.3);
  const policy = long ? texts.policy.repeat(45) : texts.policy;
  const system = `${random.pick(texts.instructions)}\n\n${policy}\nCustomer name: ${filled}`;
  const turns =
    fault === "prompt_growing" || fault === "cost_outlier" || fault === "cache_missed" ? 4 : random.int(2, 4);
  const at = fault === undefined ? -1 : random.int(1, turns - 1);
  const tools = texts.topics.map(toolOf);
  const history: Said[] = [];
  const ask = (
    call: Omit<ModelCall, "messages" | "system" | "tools">,
    messages: readonly Said[],
    others: Partial<ModelCall> = {},
  ) => recording.call({ system, tools, messages: [...messages], caches: fault !== "cache_missed", ...call, ...others });

  for (let turn = 0; turn < turns; turn++) {
    const here = turn === at;
    const has = (check: DiagnosisCheck) => here && fault === check;
    const topic = random.pick(texts.topics);
    const question =
      turn === 0 ? `${topic.question} ${name} asks.` : `${random.pick(texts.thanks)} (${turn}: ${topic.question})`;
    if (fault === "prompt_growing" && turn > 0)
      history.push({ role: "user", text: `Context for you, once more:\n\n${texts.topics[0]!.document}` });
    if (has("cost_outlier"))
      history.push({
        role: "user",
        text: texts.topics
          .map(({ document }) => document)
          .join(" ")
          .repeat(120),
      });
    history.push({ role: "user", text: question });
    const kept = has("context_truncated") ? history.slice(random.chance(0.5) ? 2 : history.length - 2) : history;
    const dropped = has("system_dropped") ? { system: undefined } : {};
    const model = {
      ...(has("model_changed") && { responseModel: `model-of-${random.pick(["spring", "autumn"])}-2026` }),
      ...(has("slow_call") && { ms: random.int(8_000, 40_000) }),
    };

    const values =
      random.chance(0.4) || has("sequential_calls") ? topic.values.slice(0, 2) : [random.pick(topic.values)];
    const uses = values.map((value) => use(random, topic, value));
    const wrong = random.pick([
      "{}",
      `{"${topic.argument}":${random.int(1, 99)}}`,
      `{"${topic.argument}":"x","limit":0}`,
    ]);
    const sent = has("tool_arguments") ? [{ ...uses[0]!, args: wrong }] : uses;
    if (has("retries_wasted")) {
      for (let attempt = 1; attempt <= 3; attempt++) {
        const error = { type: "invalid_request_error", status: 400, message: "messages: too long" };
        ask({ answer: {}, error, attempt }, kept, dropped);
      }
    } else if (random.chance(0.05)) {
      ask({ answer: {}, error: { type: "rate_limit_error", status: 429, message: "slow down" } }, kept, dropped);
      ask({ answer: { calls: sent }, attempt: 2 }, kept, { ...dropped, ...model });
    }
    if (!has("retries_wasted") && recording.spans.at(-1)?.status === undefined && !isLastAnswered(recording, sent)) {
      ask({ answer: { calls: sent } }, kept, { ...dropped, ...model });
    } else if (has("retries_wasted")) {
      return;
    }
    history.push({ role: "assistant", text: "", calls: sent });

    const fails = has("tool_error_ignored") || (fault === undefined && random.chance(0.12));
    const begin = recording.now() + 4;
    for (const [i, one] of sent.entries()) {
      const result = fails
        ? '{"error":"upstream timed out"}'
        : topic.result.replace("{", `{"for":${JSON.stringify(values[i])},`);
      if (!has("tool_span_missing")) {
        const slow = has("sequential_calls") ? { ms: random.int(400, 900) } : sent.length > 1 ? { at: begin } : {};
        recording.tool(one, result, { ...slow, ...(fails && random.chance(0.5) ? { error: "TimeoutError" } : {}) });
        if (has("call_repeated")) {
          for (let times = 0; times < random.int(1, 3); times++) {
            const again = { ...one, id: `call_${random.hex(6)}` };
            history.push({ role: "tool", id: history.at(-1)!.role === "assistant" ? one.id : again.id, text: result });
            ask({ answer: { calls: [again] } }, history);
            history.push({ role: "assistant", text: "", calls: [again] });
            recording.tool(again, result);
            if (times === 0) continue;
            break;
          }
        }
      }
    }
    if (has("output_not_received")) history.pop();
    else {
      for (const [i, one] of lastCalls(history).entries()) {
        history.push({
          role: "tool",
          id: one.id,
          text: fails
            ? '{"error":"upstream timed out"}'
            : topic.result.replace("{", `{"for":${JSON.stringify(values[i])},`),
        });
      }
    }
    const text =
      fails && !has("tool_error_ignored")
        ? random.pick(texts.admissions)
        : `${topic.answer} That was for ${values.join(" and ")}, turn ${turn}.`;
    const cut = has("finish_length")
      ? ({ answer: { text: text.slice(0, -9) }, finish: "length" } as const)
      : { answer: { text } };
    ask(cut, history, dropped);
    history.push({ role: "assistant", text: cut.answer.text });
  }
}

function isLastAnswered(recording: Recording, sent: readonly ToolUse[]): boolean {
  const response = recording.spans.at(-1)?.attributes?.find(({ key }) => key === "spanhouse.response")?.value;
  return response?.type === "string" && response.value.includes(sent[0]!.id);
}

function lastCalls(history: readonly Said[]): readonly ToolUse[] {
  const last = history.at(-1)!;
  return last.role === "assistant" ? (last.calls ?? []) : [];
}

/** Retrieval, then an answer from what it found. */
function answerFromHandbook({ recording, random, texts, fault }: Run): void {
  const topic = random.pick(texts.topics);
  const documents = texts.topics.map(({ document }) => `${document} (edition ${random.int(1, 40)})`);
  recording.retrieval(topic.question, documents);
  const cut = fault === "documents_cut" ? documents.map((text) => text.slice(0, random.int(90, 150))) : documents;
  const context =
    fault === "output_not_received"
      ? ""
      : fault === "unfilled_variable"
        ? random.pick(["{{context}}", `\${documents}`, "undefined"])
        : cut.join("\n---\n");
  const system = `${random.pick(texts.instructions)}\n\n<context>\n${context}\n</context>`;
  const text = `${topic.answer} See the handbook.`;
  recording.call({
    system,
    messages: [{ role: "user", text: topic.question }],
    answer: { text: fault === "finish_length" ? text.slice(0, 12) : text },
    ...(fault === "finish_length" ? { finish: "length" as const } : {}),
  });
}

const amountFormat = {
  type: "json_schema",
  json_schema: {
    name: "debt",
    schema: {
      type: "object",
      properties: { who: { type: "string" }, amount: { type: "number" }, currency: { enum: ["EUR", "USD"] } },
      required: ["who", "amount"],
    },
  },
};

/** One answer in JSON, in a form that a parser is to take. */
function extract({ recording, random, texts, fault }: Run): void {
  const format = fault === "response_format" || random.chance(0.5) ? amountFormat : undefined;
  for (const who of texts.names.slice(0, random.int(2, 3))) {
    const first = who === texts.names[0];
    const whole = JSON.stringify({ who, amount: random.int(1, 900), currency: random.pick(["EUR", "USD"]) });
    const bad = random.pick([
      `{"who": "${who}"}`,
      `{"who":"${who}","amount":"much"}`,
      `${who} owes a lot.`,
      `{"who":"${who}","amount":3,"currency":"CHF"}`,
    ]);
    const faulty = !first
      ? undefined
      : fault === "json_in_fence"
        ? `${random.pick(["", "Here it is:\n\n"])}\`\`\`json\n${whole}\n\`\`\``
        : fault === "response_format"
          ? bad
          : undefined;
    const messages: Said[] = [
      { role: "user", text: `${who} writes: I have not paid yet. Note ${random.int(100, 999)}.` },
    ];
    const call = { system: texts.extraction, messages, format };
    if (first && fault === "retries_wasted") {
      for (let attempt = 1; attempt <= 4; attempt++) {
        recording.call({
          ...call,
          answer: {},
          attempt,
          error: { type: "authentication_error", status: 401, message: "invalid key" },
        });
      }
      return;
    }
    const changed = !first && fault === "model_changed" ? { responseModel: "another-2026-11-01" } : {};
    if (first && fault === "finish_length")
      recording.call({ ...call, answer: { text: whole.slice(0, 14) }, finish: "length" });
    else recording.call({ ...call, ...changed, parent: random.hex(8), answer: { text: faulty ?? whole } });
  }
}

/** Labels of many texts, at once. */
function labelInParallel({ recording, random, texts, fault }: Run): void {
  const count = fault === "cost_outlier" ? 6 : random.int(3, 6);
  const begin = recording.now() + 5;
  const large = random.int(0, count - 1);
  for (let i = 0; i < count; i++) {
    const text = `Text ${i} of ${random.hex(2)}: ${random.pick(texts.topics).question}`;
    const heavy = fault === "cost_outlier" && i === large ? texts.policy.repeat(random.int(160, 240)) : "";
    recording.call({
      system: texts.label,
      messages: [{ role: "user", text: `${text}${heavy}` }],
      answer: { text: `${random.pick(["calm", "tense", "glad", "plain"])}-${random.hex(2)}` },
      ...(fault === "sequential_calls" ? {} : { at: begin + i }),
    });
  }
  if (fault !== "call_repeated") return;
  const same = {
    system: texts.label,
    messages: [{ role: "user" as const, text: texts.topics[0]!.question }],
    answer: { text: "calm" },
  };
  for (let times = 0; times < random.int(2, 4); times++) recording.call(same);
  recording.call(same);
}

/** A draft, and a second call that reads it over. */
function draftAndReview({ recording, random, texts, fault }: Run): void {
  const topic = random.pick(texts.topics);
  const who =
    fault === "unfilled_variable"
      ? random.pick(["{{ recipient }}", `\${recipient}`, "undefined", "None"])
      : random.pick(texts.names);
  const refuses = fault === "refusal_ignored" || random.chance(0.1);
  const request = `Write a letter that begins with:\n\nDear ${who},\n\nand explains: ${topic.document}`;
  const draft = refuses ? random.pick(texts.refusals) : `Dear reader, ${topic.answer} ${topic.document}`;
  recording.call({
    system: random.pick(texts.instructions),
    messages: [{ role: "user", text: request }],
    answer: { text: draft },
    ...(refuses && random.chance(0.6) ? { finish: "refused" as const } : {}),
  });
  if (refuses && fault === undefined) return;
  recording.call({
    system: "Read the draft over and correct its spelling.",
    messages: [{ role: "user", text: `Draft:\n${draft}` }],
    answer: { text: fault === "refusal_ignored" ? "The draft has no mistakes." : `Dear reader, ${topic.answer}` },
  });
}
