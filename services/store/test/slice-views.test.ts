import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";
import { viewSql } from "../src/slices/slice-sql.ts";
import { sliceKindNames } from "../src/slices/slices.ts";

const migrations = fileURLToPath(new URL("../migrations/", import.meta.url));

// A migration that was applied never changes: when a kind gains a dimension or measure, a new one replaces its view.
it.each(sliceKindNames)("the newest migration of the view %s is what the catalogue of slices says", (kind) => {
  const file = readdirSync(migrations)
    .filter((name) => name.includes(`_view_${kind}.`))
    .sort()
    .at(-1);
  expect(readFileSync(migrations + file, "utf8")).toContain(viewSql(kind));
});
