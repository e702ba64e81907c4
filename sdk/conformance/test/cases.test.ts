import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { caseSchema } from "../src/case.ts";

const folder = new URL("../cases/", import.meta.url);

test.each(readdirSync(folder).filter((file) => file.endsWith(".json")))("%s is a case", (file) => {
  expect(caseSchema.safeParse(JSON.parse(readFileSync(new URL(file, folder), "utf8"))).error).toBeUndefined();
});
