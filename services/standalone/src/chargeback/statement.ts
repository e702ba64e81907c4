import type { Chargebacks, ChargeLine, StatementEntry } from "@spanhouse/store/chargebacks";
import { differences } from "./charge-lines.ts";

/** An entry with its lines: the figures of the closing, or what had become other by an adjustment. */
export interface StatedEntry extends StatementEntry {
  readonly lines: readonly ChargeLine[];
}

/** A closed month: what was stated, and what is other now and not stated yet. */
export interface Statement {
  /** The closing, then the adjustments. */
  readonly entries: readonly [StatedEntry, ...StatedEntry[]];
  readonly pending: readonly ChargeLine[];
}

/** Undefined: the month is not closed. */
export async function readStatement(
  chargebacks: Chargebacks,
  project: string,
  month: string,
): Promise<Statement | undefined> {
  const stated: StatedEntry[] = [];
  for (const entry of await chargebacks.entries(project, month)) {
    stated.push({ ...entry, lines: await chargebacks.lines(entry) });
  }
  const [closing, ...adjustments] = stated;
  if (!closing) return undefined;
  const present = await chargebacks.present(project, closing);
  const pending = differences(
    present,
    stated.flatMap(({ lines }) => lines),
  );
  return { entries: [closing, ...adjustments], pending };
}
