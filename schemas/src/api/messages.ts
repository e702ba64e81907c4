import { z } from "zod";
import { renderingSchema } from "../messages/message.ts";
import { fidelities } from "../span.ts";
import { spanIdSchema, traceIdSchema } from "./values.ts";

/** A span's texts as messages: made when it is read, of whatever format the span carried. */
export const spanMessagesSchema = z
  .object({
    trace_id: traceIdSchema,
    span_id: spanIdSchema,
    fidelity: z.enum(fidelities).describe("what is known of the bytes that the messages were read from"),
    ...renderingSchema.shape,
  })
  .meta({ id: "SpanMessages" });
