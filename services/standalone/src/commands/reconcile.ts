import { readFile } from "node:fs/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parse as parseCsv } from "csv-parse/sync";
import { ZodError } from "zod";
import type { Command } from "../command.ts";
import { deploymentUsage, openDeployment } from "../deployment.ts";
import { parseOptions } from "../parse-options.ts";
import { anthropicBill } from "../reconcile/anthropic-bill.ts";
import { azureBill } from "../reconcile/azure-bill.ts";
import { bedrockBill } from "../reconcile/bedrock-bill.ts";
import type { BillSource } from "../reconcile/bill-source.ts";
import type { BilledLine } from "../reconcile/billed-line.ts";
import { csvBill } from "../reconcile/csv-bill.ts";
import type { Alias } from "../reconcile/match-names.ts";
import { openaiBill } from "../reconcile/openai-bill.ts";
import { dimensions, reconcile, toldDimensions } from "../reconcile/reconcile.ts";
import { reportFormats, reportLines, totalOf } from "../reconcile/report.ts";
import { readStoredSpend } from "../reconcile/stored-spend.ts";
import { isTimeZone } from "../time-zone.ts";

const sources: Readonly<Record<string, BillSource>> = {
  openai: openaiBill,
  anthropic: anthropicBill,
  azure: azureBill,
  bedrock: bedrockBill,
  csv: csvBill,
};

export const reconcileCommand: Command = {
  usage: `spanhouse reconcile --provider openai|anthropic|azure|bedrock|csv --file FILE... [options]
spanhouse reconcile --provider openai|anthropic|azure|bedrock --key-env NAME --from DAY --to DAY [--scope S] [--url URL] [options]

Lays a provider's bill beside stored spend, by day, model, key and tier where the bill tells them, and explains each
difference by class: the amounts of the classes add up to the whole difference (docs/guides/right-spend.md). Exits with 1
when what no stored fact explains is more than the tolerance.

  --file        what the provider exports: pages of its cost and usage API as JSON, cost exports as CSV; several may be given
  --key-env     the environment variable that holds what the provider's API wants: an administrator's key of OpenAI or
                Anthropic; an access token of Azure Resource Manager; of AWS access key id:secret access key[:session token]
  --scope       of Azure, whose costs: subscriptions/ID, or what else its Cost Management takes
  --url         of the API, where it is not the provider's own
  --from, --to  whole days, half-open, 2026-10-01; default: those of the files
  --time-zone   of the provider's days; default: UTC
  --project     of one project; default: all
  --by          day, and of ${dimensions.join(",")}; default: those that the bill tells
  --alias       BILLED=STORED, a model or key that is called otherwise in spans; * stands for any characters; repeatable
  --spans-of    names of the provider in spans, as aws.bedrock; default: the usual ones, of csv all
  --tolerance   percent of the bill; default: 1
  --format      ${reportFormats.join(", ")}; default: table, with the differences only; --json: as --format json

${deploymentUsage}`,

  async run(args, { environment, signal, print }) {
    const { values } = parseOptions((parseArgs) =>
      parseArgs({
        args: [...args],
        options: {
          provider: { type: "string", default: "" },
          file: { type: "string", multiple: true, default: [] },
          "key-env": { type: "string" },
          scope: { type: "string" },
          url: { type: "string" },
          from: { type: "string" },
          to: { type: "string" },
          "time-zone": { type: "string", default: "UTC" },
          project: { type: "string" },
          by: { type: "string" },
          alias: { type: "string", multiple: true, default: [] },
          "spans-of": { type: "string" },
          tolerance: { type: "string", default: "1" },
          format: { type: "string", default: "table" },
          json: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const source = oneOf("--provider", values.provider, Object.keys(sources), sources);
    const format = oneOf("--format", values.json ? "json" : values.format, reportFormats, {
      table: "table",
      json: "json",
      csv: "csv",
    } as const);
    const by = values.by
      ?.split(",")
      .filter((name) => name !== "day")
      .map((name) => oneOf("--by", name, dimensions, { model: "model", key: "key", tier: "tier" } as const));
    const tolerance = Number(values.tolerance);
    if (!(tolerance >= 0 && tolerance <= 100)) throw wrong("--tolerance", "percent, from 0 to 100", values.tolerance);
    const zone = values["time-zone"];
    if (!isTimeZone(zone)) throw wrong("--time-zone", "an IANA name as Europe/Berlin", zone);
    const aliases = values.alias.map(aliasOf);
    const given = { from: dayOf("--from", values.from), to: dayOf("--to", values.to) };
    const documents = await documentsOf(
      source,
      { file: values.file, keyEnv: values["key-env"], scope: values.scope, url: values.url },
      given,
      environment,
      signal,
    );
    const all = documents.flatMap(parsed);
    const days = { from: given.from ?? firstDay(all), to: given.to ?? dayAfterLast(all) };
    const billed = all.filter(({ day }) => day >= days.from && day < days.to);

    const deployment = await openDeployment(environment, values.data);
    try {
      const stored = await readStoredSpend(deployment.clickhouse, {
        ...{ days, timeZone: zone, project: values.project },
        providers: values["spans-of"]?.split(",") ?? source.storedProviders,
      });
      const groups = reconcile({ billed, stored, by: by ?? toldDimensions(billed), aliases });
      for (const line of reportLines(groups, format)) print(line);
      const { billed: whole, unexplained } = totalOf(groups);
      return Number(unexplained) <= (Number(whole) * tolerance) / 100 ? 0 : 1;
    } finally {
      await deployment.close();
    }
  },
};

interface Given {
  readonly file: readonly string[];
  readonly keyEnv: string | undefined;
  readonly scope: string | undefined;
  readonly url: string | undefined;
}

async function documentsOf(
  source: BillSource,
  { file, keyEnv, scope, url }: Given,
  { from, to }: { readonly from: string | undefined; readonly to: string | undefined },
  environment: Readonly<Record<string, string | undefined>>,
  signal: AbortSignal,
): Promise<readonly BillDocument[]> {
  if (file.length > 0 === (keyEnv !== undefined)) throw wrong("--file or --key-env", "one of them", "");
  if (keyEnv === undefined) return Promise.all(file.map((path) => documentOf(source, path)));
  const { api } = source;
  if (!api) throw wrong("--key-env", "a provider with an API, which csv is not", keyEnv);
  if (from === undefined || to === undefined) throw wrong("--from and --to", "both, with --key-env", "");
  if ((api.scope === undefined) !== (scope === undefined)) {
    throw wrong("--scope", api.scope ?? "none, for this provider", scope ?? "");
  }
  const key = environment[keyEnv];
  if (!key) throw wrong("--key-env", "the name of a variable that holds a key", keyEnv);
  const where = (url ?? api.url).replace(/\/+$/, "");
  const documents: BillDocument[] = [];
  for await (const document of api.pages({ url: where, key, scope: scope ?? "", days: { from, to }, signal })) {
    documents.push({ where, document, parse: api.parse });
  }
  return documents;
}

interface BillDocument extends Pick<BillSource, "parse"> {
  readonly where: string;
  readonly document: unknown;
}

/** A JSON file may hold one page or several. */
async function documentOf({ format, parse }: BillSource, path: string): Promise<BillDocument> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new SpanhouseError("CONFIG", `--file: ${path} cannot be read`, { cause });
  }
  try {
    if (format === "csv") {
      return { where: path, document: parseCsv(text, { columns: true, bom: true, skip_empty_lines: true }), parse };
    }
    const document: unknown = JSON.parse(text);
    return { where: path, document, parse: (document) => [document].flat().flatMap(parse) };
  } catch (cause) {
    throw new SpanhouseError(
      "CONFIG",
      `--file: ${path} is no ${format.toUpperCase()}: ${cause instanceof Error ? cause.message : cause}`,
    );
  }
}

function parsed({ where, document, parse }: BillDocument): readonly BilledLine[] {
  try {
    return parse(document);
  } catch (error) {
    if (!(error instanceof ZodError)) throw error;
    const { path, message } = error.issues[0]!;
    throw new SpanhouseError(
      "CONFIG",
      `${where}: not what the provider exports, at ${path.join(".") || "its top"}: ${message}`,
    );
  }
}

function firstDay(lines: readonly BilledLine[]): string {
  const [first] = lines.map(({ day }) => day).sort();
  if (first === undefined) throw wrong("--from and --to", "both, for a bill without lines", "");
  return first;
}

function dayAfterLast(lines: readonly BilledLine[]): string {
  const last =
    lines
      .map(({ day }) => day)
      .sort()
      .at(-1) ?? firstDay(lines);
  return new Date(Date.parse(`${last}T00:00:00Z`) + 86_400_000).toISOString().slice(0, 10);
}

function dayOf(option: string, text: string | undefined): string | undefined {
  if (text === undefined || (/^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)))) return text;
  throw wrong(option, "a day as 2026-10-01", text);
}

function aliasOf(text: string): Alias {
  const at = text.indexOf("=");
  if (at > 0 && at < text.length - 1) return { billed: text.slice(0, at), stored: text.slice(at + 1) };
  throw wrong("--alias", "BILLED=STORED", text);
}

function oneOf<T>(option: string, name: string, names: readonly string[], values: Readonly<Record<string, T>>): T {
  if (names.includes(name)) return values[name]!;
  throw wrong(option, names.join(", "), name);
}

function wrong(option: string, expected: string, got: string): SpanhouseError {
  return new SpanhouseError("CONFIG", `${option}: expected ${expected}; got ${JSON.stringify(got)}`);
}
