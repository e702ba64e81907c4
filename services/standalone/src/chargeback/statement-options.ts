import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type StatementFormat, statementFormats } from "./statement-output.ts";

/** The one month that is named: 2026-10. Throws CONFIG for anything else. */
export function monthOf(positionals: readonly string[]): string {
  const [month = ""] = positionals;
  if (positionals.length === 1 && /^20\d\d-(0[1-9]|1[0-2])$/.test(month)) return month;
  throw new SpanhouseError("CONFIG", `expected one month as 2026-10; got ${JSON.stringify(positionals.join(" "))}`);
}

export function statementFormat(format: string): StatementFormat {
  const known = statementFormats.find((one) => one === format);
  if (known) return known;
  throw new SpanhouseError(
    "CONFIG",
    `--format: expected ${statementFormats.join(", ")}; got ${JSON.stringify(format)}`,
  );
}
