import { listOf, objectsOf, wordOf } from "../json-value.ts";
import type { Message } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { textParts } from "./parts.ts";

/** Text completions: a prompt, and choices with a `text`. https://platform.openai.com/docs/api-reference/completions */
export const openaiCompletions: MessageReader = {
  format: "openai_completions",

  prompt({ prompt }) {
    const prompts = typeof prompt === "string" ? [prompt] : listOf(prompt).filter((one) => typeof one === "string");
    if (prompts.length === 0) return undefined;
    return { input: prompts.map((text) => ({ role: "user", parts: textParts(text) })) };
  },

  answer(bodies) {
    const choices = bodies.flatMap((body) => objectsOf(body.choices)).filter(({ text }) => typeof text === "string");
    if (choices.length === 0) return undefined;
    const texts = new Map<unknown, { text: string; finishReason: string | undefined }>();
    for (const choice of choices) {
      const known = texts.get(choice.index) ?? { text: "", finishReason: undefined };
      texts.set(choice.index, {
        text: `${known.text}${String(choice.text)}`,
        finishReason: wordOf(choice.finish_reason) ?? known.finishReason,
      });
    }
    return {
      output: [...texts.values()].map(
        ({ text, finishReason }): Message => ({
          role: "assistant",
          parts: textParts(text),
          ...(finishReason === undefined ? {} : { finish_reason: finishReason }),
        }),
      ),
    };
  },
};
