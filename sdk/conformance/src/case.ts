import { z } from "zod";

/** One thing that the program of a case does; `cases/README.md` says what each means. */
export type Step = CallStep | TraceStep | SpanStep | ToolStep | RetrievalStep | ScoreStep | TogetherStep;

const callSchema = z.strictObject({
  /** A method of the client, in snake case. */
  call: z.string(),
  request: z.record(z.string(), z.unknown()),
  /** Of what is asked for: the method takes it in place of a request. */
  id: z.string().optional(),
  script: z.string().optional(),
  /** Chunks read before the stream is left. */
  read: z.int().positive().optional(),
  raises: z.string().optional(),
  /** What a tool runner may run. */
  tools: z
    .array(
      z.strictObject({
        name: z.string(),
        parameters: z.record(z.string(), z.unknown()),
        result: z.string().optional(),
        error: z.string().optional(),
      }),
    )
    .optional(),
});
const traceSchema = z.strictObject({
  trace: z.strictObject({
    name: z.string(),
    user_id: z.string().optional(),
    conversation_id: z.string().optional(),
    feature: z.string().optional(),
    team: z.string().optional(),
    cost_centre: z.string().optional(),
    prompt: z.strictObject({ name: z.string(), version: z.string() }).optional(),
    tags: z.array(z.string()).optional(),
    metadata: z.record(z.string(), z.unknown()).optional(),
  }),
});
const spanSchema = z.strictObject({
  span: z.strictObject({
    name: z.string(),
    kind: z.literal("agent").optional(),
    input: z.unknown().optional(),
    output: z.unknown().optional(),
  }),
});
const toolSchema = z.strictObject({
  tool: z.strictObject({
    name: z.string(),
    call_id: z.string().optional(),
    arguments: z.unknown(),
    result: z.unknown().optional(),
    error: z.string().optional(),
  }),
});
const retrievalSchema = z.strictObject({
  retrieval: z.strictObject({
    name: z.string(),
    query: z.string(),
    documents: z.array(z.record(z.string(), z.unknown())),
  }),
});
const scoreSchema = z.strictObject({
  score: z.strictObject({
    name: z.string(),
    value: z.union([z.number(), z.boolean(), z.string()]),
    comment: z.string().optional(),
    source: z.string().optional(),
    user_id: z.string().optional(),
    id: z.string().optional(),
  }),
});
export type CallStep = z.infer<typeof callSchema>;
export type TraceStep = z.infer<typeof traceSchema> & { readonly steps: readonly Step[] };
export type SpanStep = z.infer<typeof spanSchema> & { readonly steps: readonly Step[] };
export type ToolStep = z.infer<typeof toolSchema> & { readonly steps?: readonly Step[] | undefined };
export type RetrievalStep = z.infer<typeof retrievalSchema>;
export type ScoreStep = z.infer<typeof scoreSchema>;
export type TogetherStep = { readonly together: readonly Step[] };

const steps: z.ZodType<readonly Step[]> = z.lazy(() => z.array(stepSchema));
const stepSchema: z.ZodType<Step> = z.union([
  callSchema,
  traceSchema.extend({ steps }),
  spanSchema.extend({ steps }),
  toolSchema.extend({ steps: steps.optional() }),
  retrievalSchema,
  scoreSchema,
  z.strictObject({ together: steps }),
]);

/** A span that must be emitted; values of `attributes` may be matchers. */
export interface ExpectedSpan {
  readonly name: string;
  readonly kind: "internal" | "client";
  readonly attributes: Readonly<Record<string, unknown>>;
  /** The class of the error that it ended with. */
  readonly error?: string | undefined;
  readonly control?: boolean | undefined;
  readonly children?: readonly ExpectedSpan[] | undefined;
}

const expectedSpan: z.ZodType<ExpectedSpan> = z.lazy(() =>
  z.strictObject({
    name: z.string(),
    kind: z.enum(["internal", "client"]),
    attributes: z.record(z.string(), z.unknown()),
    error: z.string().optional(),
    control: z.boolean().optional(),
    children: z.array(expectedSpan).optional(),
  }),
);

/** A file of `cases/`. */
export const caseSchema = z.strictObject({
  about: z.string(),
  client: z.enum(["openai", "azure-openai", "anthropic", "google-genai", "bedrock"]),
  only: z.array(z.enum(["typescript", "python"])).optional(),
  init: z
    .strictObject({
      content: z.enum(["full", "hashed", "none"]).optional(),
      sample_payloads: z.number().optional(),
      redact_pattern: z.string().optional(),
    })
    .optional(),
  max_retries: z.int().optional(),
  steps,
  spans: z.array(expectedSpan),
});

export type Case = z.infer<typeof caseSchema>;
