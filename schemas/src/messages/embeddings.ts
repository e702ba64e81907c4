import { type JsonObject, listOf, objectOf, objectsOf, parseJson } from "../json-value.ts";
import type { Part } from "./message.ts";
import type { MessageReader } from "./message-reader.ts";
import { contentParts, mediumAt, otherPart, textParts } from "./parts.ts";

/**
 * What was embedded: `input` of OpenAI, Voyage and Mistral (a text, token ids, or a list of either), `texts`, `images`
 * and `inputs` of Cohere and Bedrock, `inputText` of Titan, `content` and `requests` of Gemini. Vectors are not shown.
 */
export const embeddings: MessageReader = {
  format: "embeddings",

  prompt(body) {
    const inputs = [body.input, body.texts, body.inputText, body.value, body.values].flatMap(embedded);
    const images = listOf(body.images).flatMap((image) => mediumAt(image, "image"));
    const parts = [body, ...objectsOf(body.requests), ...objectsOf(body.inputs)].flatMap(contentOf);
    const all = [...inputs, ...images, ...parts];
    return all.length === 0 ? undefined : { inputs: all };
  },

  answer: () => undefined,
};

function embedded(input: unknown): Part[] {
  if (typeof input === "string") return textParts(unquoted(input));
  const list = listOf(input);
  if (list.length === 0) return [];
  // A list of numbers is one input, as token ids.
  if (list.every((one) => typeof one === "number")) return [otherPart({ token_ids: list })];
  return list.flatMap((one) => (objectOf(one) ? contentOf(one as JsonObject) : embedded(one)));
}

function contentOf(input: JsonObject): Part[] {
  const content = objectOf(input.content)?.parts ?? input.content;
  return contentParts(content, (part) => {
    if (typeof part.text === "string") return textParts(part.text);
    if (part.image_url === undefined) return [otherPart(part)];
    return mediumAt(objectOf(part.image_url)?.url ?? part.image_url, "image");
  });
}

/** Vercel writes each value as JSON. */
function unquoted(text: string): string {
  const value = text.startsWith('"') ? parseJson(text) : undefined;
  return typeof value === "string" ? value : text;
}
