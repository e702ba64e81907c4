import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { JsonObject } from "@spanhouse/schemas/json-value";
import type { Command } from "../command.ts";
import { gatewayAddress, gatewayUsage } from "../gateway-address.ts";
import type { ReadExport } from "../import/import-source.ts";
import { jsonRecords, recordFile } from "../import/json-records.ts";
import { readLangfuse } from "../import/langfuse-export.ts";
import { readLangsmith } from "../import/langsmith-export.ts";
import { otlpBatches } from "../import/otlp-lines.ts";
import { readPhoenix } from "../import/phoenix-export.ts";
import { spanBatches } from "../import/span-batches.ts";
import { createSpanSender } from "../import/span-sender.ts";
import { parseOptions } from "../parse-options.ts";
import { bar, progressOn } from "../progress.ts";

const readers: Readonly<Record<string, ReadExport>> = {
  langfuse: readLangfuse,
  langsmith: readLangsmith,
  phoenix: readPhoenix,
};
const sources = ["otlp", ...Object.keys(readers)] as const;

/** Requests under way: the gateway answers when the store has their spans. */
const atOnce = 4;

export const importCommand: Command = {
  usage: `spanhouse import otlp|langfuse|langsmith|phoenix FILE… [--dry-run] [--json]

Takes what another product exported, or spanhouse export did: JSON lines, or JSON, also as .gz (docs/guides/import-export.md).
Spans keep their ids and times and are priced as if they had just been sent; importing the same again changes nothing.

  --dry-run     reads everything and sends nothing
  --json        what was done, on one line

Exits with 1 where a record was not understood or a span not taken, and says why.
${gatewayUsage}`,

  async run(args, context) {
    const { environment, signal, print } = context;
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        allowPositionals: true,
        options: {
          "dry-run": { type: "boolean", default: false },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const [source = "", ...paths] = positionals;
    if (!sources.includes(source)) {
      throw new SpanhouseError("CONFIG", `expected one of ${sources.join(", ")}; got ${JSON.stringify(source)}`);
    }
    if (paths.length === 0) throw new SpanhouseError("CONFIG", "expected a FILE");
    const files = await Promise.all(paths.map(recordFile));
    const dry = values["dry-run"];
    const send = dry ? undefined : createSpanSender(gatewayAddress(environment, values.data), signal);

    const told = { spans: 0, rejected: 0, skipped: 0 };
    const reasons = new Map<string, number>();
    const because = (why: string) => reasons.set(why, (reasons.get(why) ?? 0) + 1);
    const onSkipped = (why: string) => {
      told.skipped++;
      because(why);
    };
    const progress = progressOn(context);
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    let read = 0;
    async function* records(): AsyncGenerator<JsonObject> {
      read = 0;
      for (const file of files) {
        const onBytes = (n: number) => {
          read += n;
          progress.show(`${bar(bytes === 0 ? 1 : read / bytes)}  ${told.spans} spans`);
        };
        yield* jsonRecords(file, { onBytes, onUnreadable: onSkipped });
      }
    }
    const reader = readers[source];
    const batches = reader
      ? spanBatches(reader(records, { onSkipped }), `spanhouse.import.${source}`)
      : otlpBatches(records(), onSkipped);

    const underWay = new Set<Promise<void>>();
    let failure: unknown;
    try {
      for await (const { body, spans } of batches) {
        if (failure !== undefined || signal.aborted) break;
        if (send === undefined) {
          told.spans += spans;
          continue;
        }
        const sent = send(body)
          .then(({ rejected, message }) => {
            told.spans += spans - rejected;
            told.rejected += rejected;
            if (rejected > 0) because(message);
          })
          .catch((error: unknown) => {
            failure ??= error;
          })
          .finally(() => underWay.delete(sent));
        underWay.add(sent);
        if (underWay.size >= atOnce) await Promise.race(underWay);
      }
      await Promise.all(underWay);
    } finally {
      progress.clear();
    }
    if (values.json) print(JSON.stringify({ ...told, reasons: Object.fromEntries(reasons) }));
    else {
      print(
        `${told.spans} spans ${dry ? "would be sent" : "imported"}, ${told.rejected} not taken, ${told.skipped} records skipped`,
      );
      for (const [why, times] of reasons) print(`  ${times} × ${why}`);
    }
    if (failure !== undefined && !signal.aborted) throw failure;
    return signal.aborted || told.rejected + told.skipped > 0 ? 1 : 0;
  },
};
