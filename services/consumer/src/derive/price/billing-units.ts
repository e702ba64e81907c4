import type { Usage } from "@spanhouse/schemas/span";

/**
 * The billing units that @pydantic/genai-prices has prices for (its unit registry, which it does not export). A unit is
 * a set of dimensions: one whose dimensions include another's is a part of it, as cached audio input is of cached
 * input, of audio input and of input.
 */
export interface BillingUnit {
  readonly name: string;
  readonly priceKey: string;
  /** How many units the published price is for. */
  readonly per: number;
  readonly dimensions: Readonly<Record<string, string>>;
}

const input = { family: "tokens", direction: "input" };
const output = { family: "tokens", direction: "output" };
const cacheRead = { ...input, tokenType: "cache_read" };
const cacheWrite = { ...input, tokenType: "cache_write" };
const audio = { modality: "audio" };
const image = { modality: "image" };
const video = { modality: "video" };

const million = 1e6;
const thousand = 1e3;
const secondsPerHour = 3600;

export const billingUnits: readonly BillingUnit[] = [
  { name: "input_tokens", priceKey: "input_mtok", per: million, dimensions: input },
  { name: "cache_read_tokens", priceKey: "cache_read_mtok", per: million, dimensions: cacheRead },
  { name: "cache_write_tokens", priceKey: "cache_write_mtok", per: million, dimensions: cacheWrite },
  {
    name: "cache_write_1h_tokens",
    priceKey: "cache_write_1h_mtok",
    per: million,
    dimensions: { ...cacheWrite, ttl: "1h" },
  },
  { name: "input_audio_tokens", priceKey: "input_audio_mtok", per: million, dimensions: { ...input, ...audio } },
  {
    name: "cache_audio_read_tokens",
    priceKey: "cache_audio_read_mtok",
    per: million,
    dimensions: { ...cacheRead, ...audio },
  },
  { name: "input_image_tokens", priceKey: "input_image_mtok", per: million, dimensions: { ...input, ...image } },
  {
    name: "cache_image_read_tokens",
    priceKey: "cache_image_read_mtok",
    per: million,
    dimensions: { ...cacheRead, ...image },
  },
  { name: "input_video_tokens", priceKey: "input_video_mtok", per: million, dimensions: { ...input, ...video } },
  { name: "output_tokens", priceKey: "output_mtok", per: million, dimensions: output },
  {
    name: "output_reasoning_tokens",
    priceKey: "output_reasoning_mtok",
    per: million,
    dimensions: { ...output, tokenType: "reasoning" },
  },
  {
    name: "output_citation_tokens",
    priceKey: "output_citation_mtok",
    per: million,
    dimensions: { ...output, tokenType: "citation" },
  },
  { name: "output_audio_tokens", priceKey: "output_audio_mtok", per: million, dimensions: { ...output, ...audio } },
  { name: "output_image_tokens", priceKey: "output_image_mtok", per: million, dimensions: { ...output, ...image } },
  { name: "output_video_tokens", priceKey: "output_video_mtok", per: million, dimensions: { ...output, ...video } },
  {
    name: "audio_seconds",
    priceKey: "audio_hours",
    per: secondsPerHour,
    dimensions: { family: "durations", ...audio },
  },
  {
    name: "input_audio_seconds",
    priceKey: "input_audio_hours",
    per: secondsPerHour,
    dimensions: { family: "durations", direction: "input", ...audio },
  },
  {
    name: "input_document_pages",
    priceKey: "input_document_kpages",
    per: thousand,
    dimensions: { family: "document_pages", direction: "input" },
  },
  {
    name: "input_annotated_document_pages",
    priceKey: "input_annotated_document_kpages",
    per: thousand,
    dimensions: { family: "document_pages", direction: "input", pageType: "annotated" },
  },
  {
    name: "input_text_messages",
    priceKey: "input_text_messages_kcount",
    per: thousand,
    dimensions: { family: "messages", direction: "input", modality: "text" },
  },
  {
    name: "web_searches",
    priceKey: "web_searches_kcount",
    per: thousand,
    dimensions: { family: "tool_calls", toolType: "web_search" },
  },
  {
    name: "storage_searches",
    priceKey: "storage_searches_kcount",
    per: thousand,
    dimensions: { family: "tool_calls", toolType: "storage_search" },
  },
  { name: "requests", priceKey: "requests_kcount", per: thousand, dimensions: { family: "requests" } },
];

/** Whether every unit of `part` is one of `whole` too, and they are not the same. */
export function isPartOf(part: BillingUnit, whole: BillingUnit): boolean {
  return part !== whole && Object.entries(whole.dimensions).every(([name, value]) => part.dimensions[name] === value);
}

/** The unit that is what two units have in common, such as cached audio; undefined where they exclude each other. */
export function overlapOf(a: BillingUnit, b: BillingUnit): BillingUnit | undefined {
  for (const [name, value] of Object.entries(a.dimensions)) {
    if (b.dimensions[name] !== undefined && b.dimensions[name] !== value) return undefined;
  }
  const size = Object.keys({ ...a.dimensions, ...b.dimensions }).length;
  return billingUnits.find(
    (unit) => Object.keys(unit.dimensions).length === size && isWithin(unit, a) && isWithin(unit, b),
  );
}

function isWithin(part: BillingUnit, whole: BillingUnit): boolean {
  return part === whole || isPartOf(part, whole);
}

/** How much of a unit a call used. One call is one request. */
export function quantityOf(unit: string, usage: Usage): number {
  switch (unit) {
    case "input_tokens":
      return usage.inputTokens;
    case "output_tokens":
      return usage.outputTokens;
    case "cache_read_tokens":
      return usage.cacheReadTokens;
    case "cache_write_tokens":
      return usage.cacheWriteTokens;
    case "output_reasoning_tokens":
      return usage.reasoningTokens;
    case "requests":
      return 1;
    default:
      return usage.units[unit] ?? 0;
  }
}
