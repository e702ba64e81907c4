import { diagnosisChecks } from "@spanhouse/schemas/api/diagnosis";
import { expect, test } from "vitest";
import { diagnosis } from "../src/benchmarks/diagnosis.ts";

/** Of the 60 and 500 of the bench, so many as npm test has time for. */
const few = { clean: 40, faulty: 10 };

test("every check finds the fault that was injected, and hardly any clean trace has a finding", async () => {
  const { figures } = await diagnosis.run(few, () => {});
  const claims = figures.filter(({ target }) => target !== null);
  expect(claims.filter(({ name }) => name.startsWith("recall of "))).toHaveLength(diagnosisChecks.length);
  expect(claims.filter(({ ok }) => !ok)).toEqual([]);
}, 60_000);
