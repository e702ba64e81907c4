import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { openApiDocument } from "../src/openapi-document.ts";

const checkedIn = readFileSync(new URL("../openapi.json", import.meta.url), "utf8");

test("openapi.json is what the routes say: else run `npm run openapi -w @spanhouse/query`", async () => {
  expect(await openApiDocument()).toBe(checkedIn);
});

test("every operation has an id, and every project's route a key and its problems", () => {
  const { openapi, paths } = JSON.parse(checkedIn) as {
    openapi: string;
    paths: Record<string, Record<string, { operationId?: string; responses: Record<string, unknown> }>>;
  };
  expect(openapi).toBe("3.1.0");
  expect(Object.keys(paths)).toContain("/v1/traces/{trace_id}/spans/{span_id}/request");
  for (const [path, operations] of Object.entries(paths)) {
    for (const { operationId, responses } of Object.values(operations)) {
      expect(operationId).toMatch(/^[a-z][A-Za-z]+$/);
      if (path.startsWith("/v1/"))
        expect(Object.keys(responses)).toEqual(expect.arrayContaining(["400", "401", "422", "503"]));
    }
  }
});
