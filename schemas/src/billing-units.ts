import type { NormalisedSpan, Usage } from "./span.ts";

/** A call's usage, and how long it took: servers of one's own are paid by the hour. */
export interface BilledUsage extends Usage {
  /** Whole microseconds. */
  readonly durationUs: number;
}

/**
 * The billing units that a price can be for: those of @pydantic/genai-prices (its unit registry, which it does not
 * export), and those that only overrides have prices for. A unit is a set of dimensions: one whose dimensions include
 * another's is a part of it, as cached audio input is of cached input, of audio input and of input.
 */
export interface BillingUnit {
  readonly name: string;
  readonly priceKey: string;
  /** How many units the published price is for. */
  readonly per: number;
  readonly dimensions: Readonly<Record<string, string>>;
  /** How much of it a call used. */
  readonly quantity: (usage: BilledUsage) => number;
  /** False for what every call has: without a price of its own it is not missing. */
  readonly counted?: false;
}

/** A unit that `Usage` has no field for. */
function other(name: string): Pick<BillingUnit, "name" | "quantity"> {
  return { name, quantity: ({ units }) => units[name] ?? 0 };
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
  {
    name: "input_tokens",
    quantity: (usage) => usage.inputTokens,
    priceKey: "input_mtok",
    per: million,
    dimensions: input,
  },
  {
    name: "cache_read_tokens",
    quantity: (usage) => usage.cacheReadTokens,
    priceKey: "cache_read_mtok",
    per: million,
    dimensions: cacheRead,
  },
  {
    name: "cache_write_tokens",
    quantity: (usage) => usage.cacheWriteTokens,
    priceKey: "cache_write_mtok",
    per: million,
    dimensions: cacheWrite,
  },
  {
    ...other("cache_write_1h_tokens"),
    priceKey: "cache_write_1h_mtok",
    per: million,
    dimensions: { ...cacheWrite, ttl: "1h" },
  },
  { ...other("input_audio_tokens"), priceKey: "input_audio_mtok", per: million, dimensions: { ...input, ...audio } },
  {
    ...other("cache_audio_read_tokens"),
    priceKey: "cache_audio_read_mtok",
    per: million,
    dimensions: { ...cacheRead, ...audio },
  },
  { ...other("input_image_tokens"), priceKey: "input_image_mtok", per: million, dimensions: { ...input, ...image } },
  {
    ...other("cache_image_read_tokens"),
    priceKey: "cache_image_read_mtok",
    per: million,
    dimensions: { ...cacheRead, ...image },
  },
  { ...other("input_video_tokens"), priceKey: "input_video_mtok", per: million, dimensions: { ...input, ...video } },
  {
    name: "output_tokens",
    quantity: (usage) => usage.outputTokens,
    priceKey: "output_mtok",
    per: million,
    dimensions: output,
  },
  {
    name: "output_reasoning_tokens",
    quantity: (usage) => usage.reasoningTokens,
    priceKey: "output_reasoning_mtok",
    per: million,
    dimensions: { ...output, tokenType: "reasoning" },
  },
  {
    ...other("output_citation_tokens"),
    priceKey: "output_citation_mtok",
    per: million,
    dimensions: { ...output, tokenType: "citation" },
  },
  { ...other("output_audio_tokens"), priceKey: "output_audio_mtok", per: million, dimensions: { ...output, ...audio } },
  { ...other("output_image_tokens"), priceKey: "output_image_mtok", per: million, dimensions: { ...output, ...image } },
  { ...other("output_video_tokens"), priceKey: "output_video_mtok", per: million, dimensions: { ...output, ...video } },
  {
    ...other("audio_seconds"),
    priceKey: "audio_hours",
    per: secondsPerHour,
    dimensions: { family: "durations", ...audio },
  },
  {
    ...other("input_audio_seconds"),
    priceKey: "input_audio_hours",
    per: secondsPerHour,
    dimensions: { family: "durations", direction: "input", ...audio },
  },
  {
    ...other("input_document_pages"),
    priceKey: "input_document_kpages",
    per: thousand,
    dimensions: { family: "document_pages", direction: "input" },
  },
  {
    ...other("input_annotated_document_pages"),
    priceKey: "input_annotated_document_kpages",
    per: thousand,
    dimensions: { family: "document_pages", direction: "input", pageType: "annotated" },
  },
  {
    ...other("input_text_messages"),
    priceKey: "input_text_messages_kcount",
    per: thousand,
    dimensions: { family: "messages", direction: "input", modality: "text" },
  },
  {
    ...other("web_searches"),
    priceKey: "web_searches_kcount",
    per: thousand,
    dimensions: { family: "tool_calls", toolType: "web_search" },
  },
  {
    ...other("storage_searches"),
    priceKey: "storage_searches_kcount",
    per: thousand,
    dimensions: { family: "tool_calls", toolType: "storage_search" },
  },
  // From here on the data has no prices: overrides may.
  { ...other("input_images"), priceKey: "input_images", per: 1, dimensions: { family: "images", direction: "input" } },
  {
    ...other("output_images"),
    priceKey: "output_images",
    per: 1,
    dimensions: { family: "images", direction: "output" },
  },
  {
    ...other("output_audio_seconds"),
    priceKey: "output_audio_hours",
    per: secondsPerHour,
    dimensions: { family: "durations", direction: "output", ...audio },
  },
  {
    ...other("output_video_seconds"),
    priceKey: "output_video_seconds",
    per: 1,
    dimensions: { family: "durations", direction: "output", ...video },
  },
  {
    ...other("input_characters"),
    priceKey: "input_mchar",
    per: million,
    dimensions: { family: "characters", direction: "input" },
  },
  {
    ...other("output_characters"),
    priceKey: "output_mchar",
    per: million,
    dimensions: { family: "characters", direction: "output" },
  },
  {
    ...other("rerank_searches"),
    priceKey: "rerank_searches_kcount",
    per: thousand,
    dimensions: { family: "rerank_searches" },
  },
  {
    ...other("server_tool_calls"),
    priceKey: "server_tool_calls_kcount",
    per: thousand,
    dimensions: { family: "tool_calls", toolType: "server" },
  },
  {
    ...other("container_sessions"),
    priceKey: "container_sessions",
    per: 1,
    dimensions: { family: "containers" },
  },
  {
    name: "gpu_time",
    quantity: ({ durationUs }) => durationUs,
    priceKey: "gpu_hours",
    per: 1e6 * secondsPerHour,
    dimensions: { family: "gpu_time" },
    counted: false,
  },
  {
    name: "requests",
    counted: false,
    quantity: () => 1,
    priceKey: "requests_kcount",
    per: thousand,
    dimensions: { family: "requests" },
  },
];

const names: ReadonlySet<string> = new Set(billingUnits.map(({ name }) => name));

/** Whether the catalogue has a unit of that name: usage of any other cannot be priced. */
export function isUnitName(name: string): boolean {
  return names.has(name);
}

/** A call's usage and time, 0 where its start or end cannot be. Spelt out: that of a spread costs more than a price. */
export function billedUsage({ usage, startTime, endTime }: TimedUsage): BilledUsage {
  const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, units } = usage;
  const took = startTime > 0n && endTime > startTime ? Number((endTime - startTime) / 1000n) : 0;
  const durationUs = took <= longestCallUs ? took : 0;
  return { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, reasoningTokens, units, durationUs };
}

type TimedUsage = Pick<NormalisedSpan, "usage" | "startTime" | "endTime">;

/** A year: a start that is farther away is no start. */
const longestCallUs = 366 * 24 * secondsPerHour * 1e6;

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
