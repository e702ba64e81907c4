import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import type { BilledLine } from "./billed-line.ts";

const records = z.array(z.record(z.string(), z.string()));

/** A record of a CSV by any of several names of a column, in any spelling of them. */
export type Field = (...names: readonly string[]) => string | undefined;

export function linesOf(
  document: unknown,
  line: (field: Field, where: string) => BilledLine | undefined,
): BilledLine[] {
  return records.parse(document).flatMap((record, i) => {
    const spelt = new Map(Object.entries(record).map(([name, value]) => [plain(name), value]));
    const field: Field = (...names) =>
      names.map((name) => spelt.get(plain(name))).find((value) => value !== undefined && value !== "");
    return line(field, `line ${i + 2}`) ?? [];
  });
}

function plain(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]/g, "");
}

export function needed(value: string | undefined, where: string, column: string): string {
  if (value !== undefined) return value;
  throw new SpanhouseError("CONFIG", `${where}: expected a column ${column}`);
}

/** 2026-10-31, 2026-10-31T07:00:00Z, 10/31/2026. */
export function dayOf(text: string, where: string): string {
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})/.exec(text);
  const day = us ? `${us[3]}-${us[1]!.padStart(2, "0")}-${us[2]!.padStart(2, "0")}` : text.slice(0, 10);
  if (/^\d{4}-\d{2}-\d{2}$/.test(day)) return day;
  throw new SpanhouseError("CONFIG", `${where}: expected a day as 2026-10-31; got ${JSON.stringify(text)}`);
}
