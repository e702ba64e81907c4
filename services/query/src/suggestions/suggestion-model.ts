import { proposalsSchema } from "@spanhouse/schemas/api/suggestions";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { PromptMessage } from "./suggestion-prompt.ts";

/** The operator's own endpoint, which speaks OpenAI's chat completions. */
export interface SuggestionModelConfig {
  /** With its version: `https://api.openai.com/v1`. */
  readonly url: string;
  /** Empty: none is sent. */
  readonly apiKey: string;
  readonly model: string;
}

export interface SuggestedProposals {
  readonly model: string;
  readonly proposals: z.output<typeof proposalsSchema>["proposals"];
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
}

/**
 * Asks for proposals and takes nothing else: the model is given no tools, and an answer that calls one, or that is not of the
 * schema, is refused whole. Rejects with SUGGESTION_FAILED.
 */
export type AskForProposals = (messages: readonly PromptMessage[], signal: AbortSignal) => Promise<SuggestedProposals>;

const timeoutMs = 60_000;
const maxAnswerBytes = 256 * 1024;

const answerSchema = z.object({
  model: z.string().optional(),
  choices: z
    .array(
      z.object({ message: z.object({ content: z.string().nullish(), tool_calls: z.array(z.unknown()).nullish() }) }),
    )
    .min(1),
  usage: z.object({ prompt_tokens: z.int().optional(), completion_tokens: z.int().optional() }).nullish(),
});

export function createSuggestionModel({ url, apiKey, model }: SuggestionModelConfig): AskForProposals {
  return async function askForProposals(messages, signal) {
    const body = JSON.stringify({
      ...{ model, messages, max_completion_tokens: 4000 },
      response_format: {
        type: "json_schema",
        json_schema: { name: "proposals", strict: true, schema: z.toJSONSchema(proposalsSchema) },
      },
    });
    const headers = { "content-type": "application/json", ...(apiKey !== "" && { authorization: `Bearer ${apiKey}` }) };
    let text: string;
    try {
      const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
      // An endpoint that sends us elsewhere would send the key and the evidence along.
      const answer = await fetch(`${url}/chat/completions`, {
        method: "POST",
        headers,
        body,
        signal: until,
        redirect: "error",
      });
      if (!answer.ok) throw failed(`the model's endpoint answered ${answer.status}`);
      text = await boundedText(answer);
    } catch (error) {
      if (signal.aborted || error instanceof SpanhouseError) throw error;
      throw failed("the model's endpoint did not answer", error);
    }
    return proposalsOf(text, model);
  };
}

function proposalsOf(text: string, asked: string): SuggestedProposals {
  const answer = answerSchema.safeParse(jsonOf(text));
  if (!answer.success) throw failed("the model's endpoint answered something else than a chat completion");
  const { choices, usage, model = asked } = answer.data;
  const { content, tool_calls } = choices[0]!.message;
  if ((tool_calls ?? []).length > 0) throw failed("the model called a tool, though it was offered none");
  const given = proposalsSchema.safeParse(jsonOf(content ?? ""));
  if (!given.success) throw failed("the model's answer is not of the schema that was asked for");
  return {
    model: plain(model).slice(0, 200),
    proposals: given.data.proposals.map((one) => ({
      ...one,
      ...{ title: plain(one.title), reason: plain(one.reason), proposal: plain(one.proposal) },
    })),
    inputTokens: usage?.prompt_tokens ?? null,
    outputTokens: usage?.completion_tokens ?? null,
  };
}

async function boundedText(answer: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of answer.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.length > maxAnswerBytes) throw failed(`the model's answer is longer than ${maxAnswerBytes} characters`);
  }
  return text;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** No control characters but breaks and tabs, and nothing that turns the direction of a text. */
function plain(text: string): string {
  return text.replace(/[^\P{Cc}\n\t]|[\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, "");
}

function failed(message: string, cause?: unknown): SpanhouseError {
  return new SpanhouseError("SUGGESTION_FAILED", message, { cause });
}
