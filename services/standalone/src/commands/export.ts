import { once } from "node:events";
import { createWriteStream } from "node:fs";
import { rename, rm } from "node:fs/promises";
import type { TraceSummary } from "@spanhouse/schemas/api/traces";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command, CommandContext } from "../command.ts";
import { linesOf } from "../export/lines.ts";
import { parseOptions } from "../parse-options.ts";
import { progressOn } from "../progress.ts";
import { connectionUsage, connectQuery, type QueryConnection } from "../reading/query-connection.ts";
import { rangeOptions, rangeParameters, rangeUsage } from "../reading/range-parameters.ts";
import { traceFilterOptions, traceFilters, traceFilterUsage } from "../reading/trace-filter-options.ts";
import { keepCase } from "../replay/case-store.ts";
import { fetchCase } from "../replay/fetch-case.ts";
import { type Redaction, redactionOf } from "../replay/redaction.ts";

const formats = ["otlp", "jsonl", "csv", "case"] as const;

export const exportCommand: Command = {
  usage: `spanhouse export [TRACE_ID…] [--format otlp|jsonl|csv|case] [--from TIME] [--to TIME] [FILTERS] [--out PATH]

Traces as lines, the newest first, or those that are named.

  --format      otlp (default): a trace a line with all of its spans and texts, as OTLP JSON, which spanhouse import and any
                gateway take back; jsonl, csv: a trace's summary a line; case: a file each for spanhouse replay --set
  --out         a file, which is there when it is whole; else stdout. Of cases a folder
  --redact      of cases: what is taken out of their texts, as of spanhouse case save; repeated
  --json        with --out, what was written: {"out", "traces"}
${traceFilterUsage}
${rangeUsage}

${connectionUsage}`,

  async run(args, context) {
    const { environment, signal } = context;
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          ...traceFilterOptions,
          ...rangeOptions,
          format: { type: "string", default: "otlp" },
          redact: { type: "string", multiple: true, default: [] },
          out: { type: "string" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const format = formats.find((one) => one === values.format);
    if (format === undefined) {
      throw new SpanhouseError(
        "CONFIG",
        `--format: expected ${formats.join(", ")}; got ${JSON.stringify(values.format)}`,
      );
    }
    if (positionals.length > 0 && (format === "jsonl" || format === "csv")) {
      throw new SpanhouseError("CONFIG", `--format ${format}: expected filters, no trace ids`);
    }
    const redact = (values.redact as string[]).map(redactionOf);
    if (redact.length > 0 && format !== "case") throw new SpanhouseError("CONFIG", "--redact: expected --format case");
    const query = connectQuery(environment, values.data as string | undefined);
    const parameters = { ...traceFilters(values), ...rangeParameters(values as Range) };
    const summaries = (as: "jsonl" | "csv") => summaryLines(query, { ...parameters, format: as }, signal);
    const told = (traces: number, what: string) => {
      const line = `${traces} ${what} in ${values.out}`;
      context.print(values.json ? JSON.stringify({ out: values.out, traces }) : line);
    };
    const ids = () => (positionals.length > 0 ? positionals : idsOf(summaries("jsonl")));
    if (format === "case") {
      if (values.out === undefined) throw new SpanhouseError("CONFIG", "--format case: expected --out, a folder");
      const kept = await writeCases(query, ids(), { folder: String(values.out), redact }, context);
      if (!signal.aborted) told(kept, "cases");
      return signal.aborted ? 1 : 0;
    }
    const lines = format === "otlp" ? otlpLines(query, ids(), signal) : summaries(format);
    const written = await writeLines(lines, values.out as string | undefined, context);
    if (signal.aborted) return 1;
    if (values.out !== undefined) told(format === "csv" ? written - 1 : written, "traces");
    return 0;
  },
};

type Range = Parameters<typeof rangeParameters>[0];

/** Throws where the answer ends within a line: the API had begun and could not go on. */
async function* summaryLines(
  query: QueryConnection,
  parameters: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  yield* linesOf(await query.stream("/v1/export/traces", parameters, signal));
}

async function* idsOf(summaries: AsyncIterable<string>): AsyncGenerator<string> {
  for await (const line of summaries) yield (JSON.parse(line) as TraceSummary).trace_id;
}

async function* otlpLines(
  query: QueryConnection,
  ids: AsyncIterable<string> | Iterable<string>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const id of ids) yield (await query.bytes(`/v1/traces/${id}/export`, signal)).toString("utf8");
}

/** A case each, named after the trace's root and id, so that none takes another's place. */
async function writeCases(
  query: QueryConnection,
  ids: AsyncIterable<string> | Iterable<string>,
  { folder, redact }: { readonly folder: string; readonly redact: readonly Redaction[] },
  context: CommandContext,
): Promise<number> {
  const progress = progressOn(context);
  let kept = 0;
  try {
    for await (const id of ids) {
      if (context.signal.aborted) break;
      const made = await fetchCase(query, id, { redact });
      keepCase({ ...made, name: `${made.name} ${id.slice(0, 8)}` }, folder);
      kept++;
      progress.show(`${kept} cases`);
    }
    return kept;
  } finally {
    progress.clear();
  }
}

/** Into a file by a name beside it, so that a cut one is never taken for whole. Returns how many. */
async function writeLines(
  lines: AsyncIterable<string>,
  out: string | undefined,
  context: CommandContext,
): Promise<number> {
  const progress = progressOn(context);
  const part = out === undefined ? undefined : `${out}.part`;
  const file = part === undefined ? undefined : createWriteStream(part);
  let written = 0;
  try {
    for await (const line of lines) {
      if (context.signal.aborted) break;
      if (file === undefined) context.print(line);
      else if (!file.write(`${line}\n`)) await once(file, "drain");
      written++;
      if (file !== undefined) progress.show(`${written} traces`);
    }
    if (file !== undefined)
      await new Promise<void>((resolve, reject) =>
        file.end((error?: Error | null) => (error ? reject(error) : resolve())),
      );
    if (part !== undefined && !context.signal.aborted) await rename(part, out!);
    return written;
  } catch (error) {
    if (context.signal.aborted) return written;
    throw error;
  } finally {
    progress.clear();
    if (part !== undefined) await rm(part, { force: true });
  }
}
