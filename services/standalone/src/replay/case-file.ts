import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import { redactionSchema } from "./redaction.ts";

/** The version of the format that is written; docs/guides/replay.md describes it. */
const version = 1;

/** The texts of a span, each a line of its own, and the attributes that hold them. */
export const caseTexts = {
  input: "spanhouse.input",
  output: "spanhouse.output",
  request: "spanhouse.request",
  response: "spanhouse.response",
  arguments: "gen_ai.tool.call.arguments",
  result: "gen_ai.tool.call.result",
  query: "gen_ai.retrieval.query.text",
  documents: "gen_ai.retrieval.documents",
} as const;
export type CaseText = keyof typeof caseTexts;

const attributeSchema = z.union([z.string(), z.number(), z.boolean(), z.array(z.string())]);
export type CaseAttribute = z.infer<typeof attributeSchema>;

const headerSchema = z.strictObject({
  spanhouse_case: z.literal(version),
  name: z.string(),
  trace_id: z.string(),
  service: z.string(),
  start_time: z.iso.datetime({ precision: 6 }),
  redact: z.array(redactionSchema),
});

const spanSchema = z.strictObject({
  span: z.int().positive(),
  parent: z.int().positive().nullable(),
  name: z.string(),
  kind: z.int(),
  error: z.string().optional(),
  attributes: z.record(z.string(), attributeSchema),
});

const textSchema = z.strictObject({
  span: z.int().positive(),
  text: z.enum(Object.keys(caseTexts) as [CaseText, ...CaseText[]]),
  json: z.unknown().optional(),
  raw: z.string().optional(),
});

const timesSchema = z.strictObject({ times: z.array(z.tuple([z.number(), z.number()])) });

export interface CaseSpan {
  /** From 1, depth first; siblings by start. */
  readonly span: number;
  /** Null for a root. */
  readonly parent: number | null;
  readonly name: string;
  /** SpanKind's number. */
  readonly kind: number;
  /** The message of the error that it ended with; absent where it ended well. */
  readonly error?: string | undefined;
  /** All that are no texts. */
  readonly attributes: Readonly<Record<string, CaseAttribute>>;
  readonly texts: Readonly<Partial<Record<CaseText, string>>>;
  /** After the trace's start, µs. */
  readonly startUs: number;
  readonly durationUs: number;
}

/** A trace as it is replayed and kept: what was asked and answered, in the tree that it happened in. */
export interface Case {
  readonly name: string;
  readonly traceId: string;
  readonly service: string;
  /** Of the earliest span, ISO 8601 in UTC with µs. */
  readonly startTime: string;
  /** What was taken out of its texts, and is taken out of what a replay asks before the two are compared. */
  readonly redact: readonly z.infer<typeof redactionSchema>[];
  readonly spans: readonly CaseSpan[];
}

/**
 * A case as JSON lines: a header, then of each span a line of facts and one for each text, last the times. The same case
 * gives the same bytes; what changes from one run to the next (ids, times) stands in the first and the last line.
 */
export function writeCase({ name, traceId, service, startTime, redact, spans }: Case): string {
  const header = { spanhouse_case: version, name, trace_id: traceId, service, start_time: startTime, redact };
  const lines = spans.flatMap(({ span, parent, name, kind, error, attributes, texts }) => [
    { span, parent, name, kind, ...(error !== undefined && { error }), attributes: sorted(attributes) },
    ...(Object.keys(caseTexts) as CaseText[]).flatMap((text) => {
      const said = texts[text];
      return said === undefined ? [] : [{ span, text, ...textValue(said) }];
    }),
  ]);
  const times = spans.map(({ startUs, durationUs }) => [startUs, durationUs]);
  return [header, ...lines, { times }].map((line) => `${JSON.stringify(line)}\n`).join("");
}

/** JSON that reads and writes as the same bytes stands as it is: it is read, and compared, more easily than escaped. */
function textValue(text: string): { readonly json: unknown } | { readonly raw: string } {
  if (/^[[{]/.test(text)) {
    try {
      const json: unknown = JSON.parse(text);
      if (JSON.stringify(json) === text) return { json };
    } catch {
      // A text that only begins like JSON.
    }
  }
  return { raw: text };
}

function sorted(attributes: CaseSpan["attributes"]): CaseSpan["attributes"] {
  return Object.fromEntries(Object.entries(attributes).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Throws CONFIG with the line that is not of the format; `file` is what its message names. */
export function readCase(text: string, file: string): Case {
  const lines = text.split("\n").filter((line) => line !== "");
  const read = <T>(schema: z.ZodType<T>, at: number, expected: string): T => {
    const parsed = schema.safeParse(jsonOf(lines[at] ?? ""));
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    const where = issue === undefined ? "" : ` (${[...issue.path.map(String), issue.message].join(": ")})`;
    throw new SpanhouseError("CONFIG", `${file}, line ${at + 1}: expected ${expected}${where}`);
  };
  const header = read(headerSchema, 0, `the header of a case of version ${version}`);
  const { times } = read(timesSchema, lines.length - 1, "the times, as the last line");
  const texts = new Map<number, Partial<Record<CaseText, string>>>();
  const facts: z.infer<typeof spanSchema>[] = [];
  for (let at = 1; at < lines.length - 1; at++) {
    const line = read(z.union([spanSchema, textSchema]), at, "a span, or a text of one");
    if ("attributes" in line) {
      facts.push(line);
      texts.set(line.span, {});
    } else {
      const of = texts.get(line.span);
      if (of === undefined) {
        throw new SpanhouseError("CONFIG", `${file}, line ${at + 1}: expected the line of span ${line.span} before`);
      }
      of[line.text] = line.raw ?? JSON.stringify(line.json);
    }
  }
  const spans = facts.map((fact, i): CaseSpan => {
    const [startUs, durationUs] = times[i] ?? [0, 0];
    return { ...fact, texts: texts.get(fact.span) ?? {}, startUs, durationUs };
  });
  const { name, trace_id, service, start_time, redact } = header;
  return { name, traceId: trace_id, service, startTime: start_time, redact, spans };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
