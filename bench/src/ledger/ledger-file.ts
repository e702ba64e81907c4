import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { createInterface } from "node:readline";
import { z } from "zod";
import type { Ledger, TraceLine } from "./ledger.ts";
import { tallyNames, traceColumns } from "./measures.ts";

/** The first line holds the totals, every further one a trace. */
const format = "spanhouse ledger 1";

const tally = z.record(z.string(), z.record(z.string(), z.array(z.string())));
const head = z.object({
  format: z.literal(format),
  projects: z.array(z.string()),
  from: z.number(),
  to: z.number(),
  tallies: z.record(z.enum(tallyNames), tally),
});
const traceLine = z.array(z.string()).length(traceColumns.length + 2);

export async function writeLedger(file: string, { traces, ...totals }: Ledger): Promise<void> {
  const handle = await open(file, "w");
  try {
    const out = handle.createWriteStream();
    const written = new Promise<void>((resolve, reject) => out.on("finish", resolve).on("error", reject));
    out.write(`${JSON.stringify({ format, ...totals })}\n`);
    for (const trace of traces) out.write(`${JSON.stringify(trace)}\n`);
    out.end();
    await written;
  } finally {
    await handle.close();
  }
}

/** Throws with the line that is not a ledger's. */
export async function readLedger(file: string): Promise<Ledger> {
  let totals: z.infer<typeof head> | undefined;
  const traces: TraceLine[] = [];
  let number = 0;
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Number.POSITIVE_INFINITY })) {
    number += 1;
    try {
      const value: unknown = JSON.parse(line);
      if (totals) traces.push(traceLine.parse(value));
      else totals = head.parse(value);
    } catch (error) {
      throw new Error(`${file}:${number} is not a line of a ledger`, { cause: error });
    }
  }
  if (!totals) throw new Error(`${file} is empty: expected a ledger as \`npm run generate\` writes it`);
  const { format: _format, ...rest } = totals;
  return { ...rest, traces };
}
