export type { AttributeValue } from "./attributes.ts";
export type { Delivery } from "./export/exporter.ts";
export type { Batch, Sender, SendOutcome, TraceSpans } from "./export/sender.ts";
export { flush, init, shutdown } from "./lifecycle.ts";
export { type Carrier, extract, inject } from "./propagation.ts";
export { replayId, replayRandom, replayTime, replayValue } from "./replay-values.ts";
export { type ScoreOptions, score } from "./score.ts";
export type { InitOptions } from "./settings.ts";
export type { Parent } from "./span.ts";
export { type RetrievedDocument, retrieval, type ToolOptions, tool } from "./tool.ts";
export { type ActiveSpan, currentSpan, type SpanOptions, span, type TraceOptions, trace, traced } from "./trace.ts";
export {
  type BegunSpan,
  liveWorld,
  type World,
  type WorldRequest,
  type WorldValue,
  type WorldWork,
} from "./world.ts";
export { wrapAnthropic } from "./wrap/wrap-anthropic.ts";
export { wrapGoogleGenAI } from "./wrap/wrap-google-genai.ts";
export { wrapOpenAI } from "./wrap/wrap-openai.ts";
