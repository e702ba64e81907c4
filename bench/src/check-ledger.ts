import { parseArgs } from "node:util";
import { parseEnvironment } from "@spanhouse/schemas/environment";
import { createClickHouse } from "@spanhouse/store/clickhouse";
import { clickHouseOptions, clickHouseVariables } from "@spanhouse/store/environment";
import { z } from "zod";
import { numberOf } from "./arguments.ts";
import { awaitLedger } from "./check/await-ledger.ts";
import type { Comparison } from "./check/differences.ts";
import { readLedger } from "./ledger/ledger-file.ts";
import { createReport, writeReport } from "./measure/report.ts";

const usage = `npm run check-ledger -- FILE [options]

  --clickhouse URL      of the ClickHouse to ask; with --user, --password, --database.
                        What is not given is SPANHOUSE_CLICKHOUSE_URL, _USER, _PASSWORD, _DATABASE of the environment.
  --wait SECONDS        until nothing differs (0)
  --json FILE           writes the figures

Prints the differences; the last line is \`N differences\`. Ends with 0 where there is none.
`;

const shown = 20;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      clickhouse: { type: "string" },
      user: { type: "string" },
      password: { type: "string" },
      database: { type: "string" },
      wait: { type: "string", default: "0" },
      json: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(usage);
    return;
  }
  const [file] = positionals;
  if (file === undefined || positionals.length > 1) throw new Error(`expected one file of a ledger\n\n${usage}`);
  const ledger = await readLedger(file);
  const clickhouse = createClickHouse(
    clickHouseOptions(
      parseEnvironment(z.object(clickHouseVariables), {
        // biome-ignore lint/style/noProcessEnv: this is a program's main, as `main.ts` is a service's.
        ...process.env,
        ...(values.clickhouse !== undefined && { SPANHOUSE_CLICKHOUSE_URL: values.clickhouse }),
        ...(values.user !== undefined && { SPANHOUSE_CLICKHOUSE_USER: values.user }),
        ...(values.password !== undefined && { SPANHOUSE_CLICKHOUSE_PASSWORD: values.password }),
        ...(values.database !== undefined && { SPANHOUSE_CLICKHOUSE_DATABASE: values.database }),
      }),
    ),
  );
  try {
    const comparison = await awaitLedger(ledger, clickhouse, numberOf("--wait", values.wait) * 1000);
    print(comparison);
    if (values.json !== undefined) {
      await writeReport(values.json, await reportOf(comparison, await clickhouse.version()));
    }
    process.exitCode = comparison.differences.length === 0 ? 0 : 1;
  } finally {
    await clickhouse.close();
  }
}

function print({ compared, differences }: Comparison): void {
  for (const { place, expected, got } of differences.slice(0, shown)) {
    process.stdout.write(`${place}: expected ${expected}, got ${got}\n`);
  }
  if (differences.length > shown) process.stdout.write(`… and ${differences.length - shown} more\n`);
  process.stdout.write(`${compared} figures compared\n${differences.length} differences\n`);
}

async function reportOf({ compared, differences }: Comparison, version: string) {
  const none = differences.length === 0;
  return createReport(
    "check-ledger",
    [
      { name: "compared", value: compared, unit: "figures", target: null, ok: true },
      { name: "differences", value: differences.length, unit: "figures", target: 0, ok: none },
    ],
    { clickhouse: version },
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
