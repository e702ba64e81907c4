import { describe, expect, it } from "vitest";
import { type ErrorCode, errorCatalogue, SpanhouseError } from "../src/errors.ts";

const entries = Object.entries(errorCatalogue);

describe("the error catalogue", () => {
  it.each(entries)("says of %s what it means, in a sentence, and which status it is", (code, { status, summary }) => {
    expect(code).toMatch(/^[A-Z]+(?:_[A-Z]+)*$/);
    expect(summary).toMatch(/^\S.{10,}\.$/);
    expect(status >= 400 && status < 600).toBe(true);
  });

  it("means something else by each code", () => {
    expect(new Set(entries.map(([, { summary }]) => summary)).size).toBe(entries.length);
  });

  it("gives an error its status and keeps its cause", () => {
    const cause = new Error("socket closed");
    const error = new SpanhouseError("BUS_UNAVAILABLE" satisfies ErrorCode, "kafka:9092 did not answer in 5 s", {
      cause,
    });
    expect(error).toMatchObject({ name: "SpanhouseError", code: "BUS_UNAVAILABLE", status: 503, cause });
  });
});
