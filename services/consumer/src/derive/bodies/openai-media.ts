import { countOf, type JsonObject, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import type { TokenCounts } from "../usage.ts";
import type { BodyFormat } from "./body-reading.ts";

/**
 * OpenAI's images, transcriptions and translations, and Mistral's OCR. Where the body counts no tokens it is billed by
 * what it does count: images, seconds or pages. https://platform.openai.com/docs/api-reference/images/object
 */
export const openaiMedia: BodyFormat = {
  recognises: (body) =>
    imagesIn(body) > 0 ||
    wordOf(body.type)?.startsWith("image_") === true ||
    isTranscript(body) ||
    pagesOf(body) !== undefined,

  read(bodies) {
    let usage: TokenCounts | undefined;
    let responseModel: string | undefined;
    for (const body of bodies) {
      responseModel ??= wordOf(body.model);
      const said = objectOf(body.usage);
      usage = (said ? tokenCounts(said) : byUnits(body)) ?? usage;
    }
    return { responseModel, usage };
  },
};

function imagesIn(body: JsonObject): number {
  return objectsOf(body.data).filter(({ b64_json, url }) => (b64_json ?? url) !== undefined).length;
}

function isTranscript(body: JsonObject): boolean {
  const type = wordOf(objectOf(body.usage)?.type);
  return (typeof body.text === "string" && (type === "duration" || type === "tokens")) || isTimed(body);
}

/** Verbose transcripts of whisper say their duration themselves. */
function isTimed(body: JsonObject): boolean {
  return typeof body.text === "string" && typeof body.duration === "number";
}

function pagesOf(body: JsonObject): JsonObject | undefined {
  const usage = objectOf(body.usage_info);
  return usage?.pages_processed === undefined ? undefined : usage;
}

function tokenCounts(usage: JsonObject): TokenCounts | undefined {
  if (usage.type === "duration") return bySeconds(usage.seconds);
  const input = objectOf(usage.input_tokens_details) ?? objectOf(usage.input_token_details) ?? {};
  const output = objectOf(usage.output_tokens_details) ?? objectOf(usage.output_token_details) ?? {};
  return {
    input: countOf(usage.input_tokens),
    output: countOf(usage.output_tokens),
    cacheRead: countOf(input.cached_tokens),
    units: {
      input_audio_tokens: countOf(input.audio_tokens),
      input_image_tokens: countOf(input.image_tokens),
      output_image_tokens: countOf(output.image_tokens),
    },
  };
}

function byUnits(body: JsonObject): TokenCounts | undefined {
  const pages = pagesOf(body);
  if (pages) return { input: 0, output: 0, units: { input_document_pages: countOf(pages.pages_processed) } };
  if (isTimed(body)) return bySeconds(body.duration);
  const images = imagesIn(body);
  // Whether the model is billed by token or by image the body does not say.
  return images > 0 ? { units: { output_images: images } } : undefined;
}

/** Whole seconds, as they are billed. */
function bySeconds(seconds: unknown): TokenCounts {
  const counted = countOf(seconds);
  return { input: 0, output: 0, units: { audio_seconds: counted === undefined ? undefined : Math.ceil(counted) } };
}
