import type { Control } from "./store-proxy.ts";

/**
 * Consumers whose rolls are wrong on purpose, made so between them and ClickHouse: what they say of minutes is reworded.
 * Each is the mistake of a plausible design.
 */

/** What a roll finds is added to what there is: a row of its own, which the views sum with the others. */
export const additive: Control = {
  says: {
    minutes: (sql) =>
      sql.replace(/\nSELECT /, "\nSELECT * REPLACE (toUInt8(64 + rand() % 192) AS lane) FROM (SELECT ").concat(")"),
  },
};

/** Every batch is in the sums twice. */
export const doubled: Control = {
  says: {
    minutes: (sql) =>
      sql.replace(
        "FROM spans FINAL",
        "FROM (SELECT *, void, aggregate FROM spans FINAL) AS spans ARRAY JOIN [1, 2] AS time",
      ),
  },
};

const longestSeconds = 2;

/** Of two statements about one slice the one that read first may be the one that comes last. */
const late = (sql: string) =>
  sql.replace(/GROUP BY project, bucket, lane$/, `WHERE sleep(${(Math.random() * longestSeconds).toFixed(2)}) = 0\n$&`);

/** A control of the control: it must pass. */
export const lateRolls: Control = { says: { minutes: late } };

/** A slice that read less may have the same rank as one that read more. */
export const rankedByMaximum: Control = {
  says: {
    minutes: (sql) =>
      late(
        sql
          .replace("sum(versions) AS rank", "max(versions) AS rank")
          .replace("sum(toUInt128(version))", "max(toUInt128(version))"),
      ),
  },
};
