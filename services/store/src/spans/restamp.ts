import { formatDollars } from "@spanhouse/schemas/money";
import type { Ownership, Price } from "@spanhouse/schemas/span";
import type { ClickHouse } from "../clickhouse.ts";
import { stringLiteral } from "../sql-literal.ts";
import type { ValuedRow } from "./valued-rows.ts";

/** A row as it was read, and what it is to say instead. */
export interface RestampedRow {
  readonly row: Pick<ValuedRow, "project" | "bucket" | "lane" | "traceId" | "spanId" | "version">;
  readonly value: Pick<Ownership, "team" | "costCentre" | "feature" | "prompt" | "release"> & {
    readonly mappedOwnership: number;
    readonly price: Price;
  };
}

const rowsPerStatement = 5000;
const priceBits = 0x3fff;
/** void and aggregate: whoever raised them since the row was read, they stay. */
const markBits = 0xc0_0000;

/** The columns that a valuation gives, in the order of `valuesOf`. */
const valued = {
  ...{ release: "String", team: "String", cost_centre: "String", feature: "String", prompt: "String" },
  ...{ mapped_ownership: "UInt8", price_state: "String" },
  ...{ cost: "Decimal(18, 12)", estimated_cost: "Decimal(18, 12)", cache_savings: "Decimal(18, 12)" },
  ...{ price_source: "String", price_version: "String", price_rule: "String" },
} as const;
const key = { project: "String", bucket: "DateTime('UTC')", lane: "UInt8", trace: "String", span: "String" } as const;

const structure = Object.entries({ ...key, as_read: "UInt64", ...valued })
  .map(([name, type]) => `${name} ${type}`)
  .join(", ");
const valuedColumns = Object.keys(valued);
/** Everything else is copied by the server as it stands, with columns that only a newer version of this program knows. */
const copied = `* EXCEPT (version, written_at, ${valuedColumns.join(", ")})`;
const keyOf = "project, bucket, lane, toFixedString(unhex(trace), 16), toFixedString(unhex(span), 8)";

/**
 * Inserts rows again under a higher activation number of prices, with new owners and prices. Only rows that still are
 * what was read, marks aside: one that another content or derivation superseded meanwhile was valued by whoever did it, or
 * is found below the number again. Marks are those of the row that the server reads, and stand above the number. Harmless
 * whenever it comes through.
 */
export async function restamp(clickhouse: ClickHouse, rows: readonly RestampedRow[], number: number): Promise<void> {
  for (let i = 0; i < rows.length; i += rowsPerStatement) {
    const values = rows
      .slice(i, i + rowsPerStatement)
      .map(valuesOf)
      .join("\n");
    await clickhouse.command(
      `INSERT INTO spans (version, ${valuedColumns.join(", ")}, ${copied})
       WITH given AS (SELECT * FROM format(JSONCompactEachRow, ${stringLiteral(structure)}, ${stringLiteral(values)}))
       SELECT bitOr(bitAnd(stored.version, bitNot(toUInt64(${priceBits}))), toUInt64(${number})),
         ${valuedColumns.map((column) => `given.${column}`).join(", ")}, stored.${copied}
       FROM
       (
         SELECT * FROM spans FINAL
         WHERE (project, bucket, lane, trace_id, span_id) IN (SELECT ${keyOf} FROM given)
       ) AS stored
       INNER JOIN given
       ON stored.project = given.project AND stored.bucket = given.bucket AND stored.lane = given.lane
         AND stored.trace_id = toFixedString(unhex(given.trace), 16) AND stored.span_id = toFixedString(unhex(given.span), 8)
       WHERE bitAnd(stored.version, bitNot(toUInt64(${markBits}))) = given.as_read`,
      {},
      { do_not_merge_across_partitions_select_final: 1 },
    );
  }
}

function valuesOf({ row, value }: RestampedRow): string {
  const { price } = value;
  return JSON.stringify([
    ...[row.project, row.bucket * 60, row.lane, row.traceId, row.spanId],
    (row.version & ~BigInt(markBits)).toString(),
    ...[value.release, value.team, value.costCentre, value.feature, value.prompt, value.mappedOwnership],
    ...[price.state, formatDollars(price.cost), formatDollars(price.estimatedCost), formatDollars(price.cacheSavings)],
    ...[price.source, price.version, price.rule],
  ]);
}
