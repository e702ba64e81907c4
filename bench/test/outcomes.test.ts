import { describe, expect, it } from "vitest";
import { readLabelledAnswers } from "../src/benchmarks/labelled-answers.ts";
import { outcomes } from "../src/benchmarks/outcomes.ts";

describe("suspected refusals", () => {
  it("are right and found often enough on answers that the rules were not tuned on", async () => {
    const { figures } = await outcomes.run({}, () => {});
    const claims = figures.filter(({ target }) => target !== null);
    expect(claims.map(({ name }) => name.split(" ")[0])).toEqual(["precision,", "recall,"]);
    expect(claims.filter(({ ok }) => !ok)).toEqual([]);
  });

  it("are labelled in six languages besides English at least, of every kind, in both splits", () => {
    const answers = readLabelledAnswers();
    expect(answers.length).toBeGreaterThanOrEqual(300);
    for (const split of ["tune", "held_out"]) {
      const of = answers.filter((answer) => answer.split === split);
      expect(new Set(of.map(({ language }) => language)).size).toBeGreaterThanOrEqual(7);
      expect(new Set(of.map(({ kind }) => kind)).size).toBe(9);
      expect(of.filter(({ refuses }) => refuses).length).toBeGreaterThanOrEqual(80);
    }
  });
});
