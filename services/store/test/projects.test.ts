import { afterAll, beforeAll, expect, test } from "vitest";
import { createFreezeLine, createProjects, isProjectName, type Projects } from "../src/projects.ts";
import { type TestClickHouse, testClickHouse } from "./test-clickhouse.ts";

let store: TestClickHouse;
let projects: Projects;
beforeAll(async () => {
  store = await testClickHouse();
  projects = createProjects(store.clickhouse);
});
afterAll(() => store.drop());

test("names are short and plain", () => {
  for (const name of ["a", "0", "shop-eu_2", "x".repeat(63)]) expect(isProjectName(name)).toBe(true);
  for (const name of ["", "-a", "_a", "A", "a b", "a/b", "é", "a\n", "x".repeat(64)]) {
    expect(isProjectName(name)).toBe(false);
  }
});

test("a project is made once", async () => {
  await projects.ensureProject("shop");
  await projects.ensureProject("shop");
  expect(await store.clickhouse.query("SELECT project, version FROM projects WHERE project = 'shop'")).toEqual([
    { project: "shop", version: "0" },
  ]);
  await expect(projects.ensureProject("Shop")).rejects.toThrow('project "Shop": expected 1 to 63 of a-z');
});

test("frozen_until only advances, and the project keeps its age", async () => {
  await projects.ensureProject("frozen");
  const made = "SELECT toUnixTimestamp(created_at) AS at FROM projects FINAL WHERE project = 'frozen'";
  const before = await store.clickhouse.query(made);
  await projects.freeze("frozen", 1_700_000_060);
  await projects.freeze("frozen", 1_700_000_000);
  await projects.ensureProject("frozen");
  expect((await projects.frozenTimes()).get("frozen")).toBe(1_700_000_060);
  expect(await store.clickhouse.query(made)).toEqual(before);
});

test("the freeze line is asked for once in its time, and again after a failure", async () => {
  let time = 0;
  let asked = 0;
  let down = false;
  const freezeLine = createFreezeLine(
    {
      frozenTimes: () => {
        asked++;
        return down ? Promise.reject(new Error("down")) : projects.frozenTimes();
      },
    },
    { refreshMs: 1_000, uptime: () => time },
  );
  await projects.freeze("line", 1_600_000_000);
  expect((await freezeLine())("line")).toBe(1_600_000_000);
  expect((await freezeLine())("nobody")).toBe(0);
  expect(asked).toBe(1);
  await projects.freeze("line", 1_600_000_060);
  time = 999;
  expect((await freezeLine())("line")).toBe(1_600_000_000);
  time = 1_000;
  down = true;
  await expect(freezeLine()).rejects.toThrow("down");
  down = false;
  expect((await freezeLine())("line")).toBe(1_600_000_060);
  expect(asked).toBe(3);
});
