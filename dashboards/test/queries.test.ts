import { createSliceStore } from "@spanhouse/bench/alerts/stored-simulation";
import { picoDollars } from "@spanhouse/bench/check/pico-dollars";
import { tallies } from "@spanhouse/bench/ledger/measures";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { dashboards } from "../src/dashboards.ts";
import { type Answer, type FilledServer, hidden, shown, startFilledServer, streamed } from "./filled-server.ts";
import { type AskedQuery, alertQueries, clickhouseQueriesOf } from "./grafana-model.ts";
import { expanded, type Opened } from "./macros.ts";

let server: FilledServer;
let opened: Opened;

beforeAll(async () => {
  server = await startFilledServer();
  opened = { from: server.from, to: server.to, intervalSeconds: 60 };
});
afterAll(() => server?.stop());

const queries = dashboards.flatMap(clickhouseQueriesOf);
const number = /^(Nullable\()?(U?Int\d+|Float\d+|Decimal|Bool)/;
const text = /^(LowCardinality\()?String/;
const time = /^DateTime/;

/** What each kind of panel wants of its rows. */
const shapes: Readonly<Record<string, (answer: Answer) => void>> = {
  stat({ columns, rows }) {
    expect(rows).toHaveLength(1);
    for (const { type } of columns) expect(type).toMatch(number);
    for (const value of rows[0]!) expect(Number.isFinite(Number(value))).toBe(true);
  },
  timeseries({ columns: [first, ...others], rows }) {
    expect(first).toMatchObject({ name: "time", type: expect.stringMatching(time) });
    expect(others.filter(({ type }) => number.test(type)).length).toBeGreaterThan(0);
    for (const { type } of others) expect(number.test(type) || text.test(type), type).toBe(true);
    ascending(rows.map(([at]) => String(at)));
  },
  heatmap({ columns: [first, ...buckets], rows }) {
    expect(first).toMatchObject({ name: "time", type: expect.stringMatching(time) });
    const bounds = buckets.map(({ name }) => Number(name));
    expect(bounds).toEqual([...bounds].sort((a, b) => a - b));
    expect(bounds.every((bound) => bound > 0)).toBe(true);
    for (const { type } of buckets) expect(type).toMatch(number);
    ascending(rows.map(([at]) => String(at)));
  },
  table({ columns }) {
    for (const { type } of columns)
      expect(
        [number, text, time].some((kind) => kind.test(type)),
        type,
      ).toBe(true);
  },
  traces({ columns, rows }) {
    const types = Object.fromEntries(columns.map(({ name, type }) => [name, type]));
    expect(types).toMatchObject({
      ...{ traceID: "String", spanID: "String", parentSpanID: "String" },
      ...{ startTime: "Float64", duration: "Float64" },
      ...{ tags: expect.stringMatching(/^Array\(Map\(/), serviceTags: expect.stringMatching(/^Array\(Map\(/) },
    });
    for (const name of ["operationName", "serviceName", "kind"]) expect(types[name]).toMatch(text);
    const at = (name: string) => columns.findIndex((column) => column.name === name);
    const ids = rows.map((row) => row[at("spanID")]);
    expect(new Set(ids).size).toBe(ids.length);
    const parents = rows.map((row) => row[at("parentSpanID")]);
    expect(parents).toContain("");
    for (const row of rows) expect(Math.abs(Number(row[at("startTime")]) / 1000 - server.to)).toBeLessThan(4 * 86_400);
    for (const tag of rows[0]![at("tags")] as object[]) expect(Object.keys(tag).sort()).toEqual(["key", "value"]);
  },
  variable({ columns }) {
    expect(columns).toHaveLength(1);
    expect(columns[0]!.type).toMatch(text);
  },
  annotation({ columns, rows }) {
    expect(columns.map(({ name }) => name)).toEqual(["time", "text", "tags"]);
    expect(columns[0]!.type).toMatch(time);
    ascending(rows.map(([at]) => String(at)));
  },
  alert({ columns }) {
    expect(columns.filter(({ type }) => number.test(type))).toHaveLength(1);
    expect(columns.filter(({ type }) => text.test(type))).toHaveLength(columns.length - 1);
  },
};

function ascending(values: readonly string[]) {
  expect(values).toEqual([...values].sort());
}

const run = ({ query }: AskedQuery, over: Partial<Opened> = {}) =>
  server.ask(expanded(query.rawSql, { ...opened, ...over }));

/** A trace with children, so that the waterfall has something to show. */
let deep: Promise<string> | undefined;
const deepTrace = () => (deep ??= findDeepTrace());
const findDeepTrace = async () =>
  (
    await server.clickhouse.query<{ id: string }>(
      "SELECT lower(hex(trace_id)) AS id FROM traces FINAL WHERE project = {project:String} AND live AND spans > 3 ORDER BY bucket DESC LIMIT 1",
      { project: shown },
    )
  )[0]!.id;

/** Far fewer than lie in the store outside of the range. */
const mostRowsRead = 6000;

test.each(["spans", "rollup_minute"])("%s has more rows than a query may read", async (table) => {
  const [row] = await server.clickhouse.query<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  expect(Number(row!.n)).toBeGreaterThan(1.5 * mostRowsRead);
});

test("panels name columns, by units and by links", () => {
  expect(queries.filter(({ columns }) => columns.length > 0).length).toBeGreaterThan(20);
  expect(queries.some(({ columns }) => columns.includes("Trace"))).toBe(true);
});

test.each(queries.map((one) => [one.name, one] as const))("%s", async (_, asked) => {
  const answer = await run(asked, { chosen: { trace: [await deepTrace()] } });
  expect(answer.rows.length).toBeGreaterThan(0);
  shapes[asked.shownAs]!(answer);
  for (const column of asked.columns) expect(answer.columns.map(({ name }) => name)).toContain(column);
  expect(answer.rowsRead).toBeLessThan(mostRowsRead);
});

test.each(alertQueries.map((one) => [one.name, one] as const))("%s", async (_, asked) => {
  // The second half, so that there is a half before it to compare with.
  const answer = await run(asked, { from: server.middle });
  expect(answer.rows.length).toBeGreaterThan(0);
  shapes.alert!(answer);
});

describe("what is shown is what was sent", () => {
  const sums = tallies.spend.measures;
  const dollars = (answer: Answer, column: string) => {
    const at = answer.columns.findIndex(({ name }) => name === column);
    return answer.rows.map((row) => picoDollars(String(row[at])));
  };
  const told = (tally: "spend" | "usage", dimension: string) =>
    Object.entries(server.ledger.tallies[tally][dimension]!)
      .filter(([key]) => key === shown || key.startsWith(`${shown} `))
      .map(
        ([key, values]) =>
          [
            key.slice(shown.length + 1),
            values[(tallies[tally].measures as readonly string[]).indexOf("cost")]!,
          ] as const,
      );
  const asked = (title: string) => queries.find(({ name }) => name === `Spanhouse: fleet cost: ${title}`)!;
  const ofProject = { chosen: { project: [shown] } };

  test("spend, and its parts: two ranges that meet sum to the whole, wherever they meet", async () => {
    expect(sums).toContain("cost");
    const whole = told("spend", "project").map(([, cost]) => cost);
    expect(dollars(await run(asked("Spend"), ofProject), "Spend")).toEqual(whole);
    expect(BigInt(whole[0]!)).toBeGreaterThan(0n);
    for (const share of [0.31, 0.5, 0.777]) {
      const middle = Math.floor(opened.from + share * (opened.to - opened.from)) + 17;
      const halves = [{ to: middle }, { from: middle }].map(
        async (part) => dollars(await run(asked("Spend"), { ...ofProject, ...part }), "Spend")[0]!,
      );
      const [first, last] = await Promise.all(halves);
      expect(BigInt(first!) + BigInt(last!)).toBe(BigInt(whole[0]!));
    }
  });

  test.each([
    ["team", "team"],
    ["cost centre", "cost_centre"],
    ["feature", "feature"],
    ["environment", "environment"],
    ["service", "service"],
    ["model", "response_model"],
    ["prompt", "prompt"],
  ])("spend by %s", async (title, dimension) => {
    const answer = await run(asked(`Spend by ${title}`), ofProject);
    const costs = dollars(answer, "Spend");
    const shownCosts = answer.rows.map(([name], index) => [String(name), costs[index]!] as const);
    const ledger = told("spend", dimension).toSorted(
      ([a, one], [b, other]) => Number(BigInt(other) - BigInt(one)) || (a < b ? -1 : 1),
    );
    expect(shownCosts).toEqual(ledger.slice(0, 20));
  });

  test("spend by user", async () => {
    const answer = await run(asked("Spend by user"), ofProject);
    const costs = dollars(answer, "Spend");
    const ledger = new Map(told("usage", "user_id"));
    answer.rows.forEach(([name], index) => {
      expect(costs[index]).toBe(ledger.get(String(name)));
    });
    expect(answer.rows.length).toBe(20);
  });

  test("closed months and what came to them later, of the projects that the user reads", async () => {
    const range = { from: server.middle, to: server.to };
    const closed = await run(asked("Closed statements"), range);
    const at = (name: string) => closed.columns.findIndex((column) => column.name === name);
    expect(closed.rows.map((row) => ["Project", "Adjustments", "Currency"].map((name) => row[at(name)]))).toEqual([
      [shown, 1, "EUR"],
    ]);
    expect(["Stated", "Adjusted", "Total"].map((name) => Number(closed.rows[0]![at(name)]))).toEqual([100, 5, 105]);
    expect(Number(closed.rows[0]![at("In currency")])).toBeCloseTo(94.5, 9);
    const later = await run(asked("Adjustments"), range);
    expect(dollars(later, "Difference")).toEqual(["5000000000000"]);
  });

  test.each([
    ["minute", 3600 * 5, 60],
    ["hour", 86_400, 60],
    ["day", 86_400 * 20, 3600],
  ])("spend from point to point sums to spend, a %s a row", async (_, seconds, intervalSeconds) => {
    const now = Math.floor(Date.now() / 1000);
    const range = { ...ofProject, from: now - seconds, to: now, intervalSeconds };
    const points = queries.find(
      ({ name, shownAs }) => name === "Spanhouse: fleet cost: Spend by provider" && shownAs === "timeseries",
    )!;
    const parts = dollars(await run(points, range), "cost");
    const [whole] = dollars(await run(asked("Spend"), range), "Spend");
    expect(parts.length).toBeGreaterThan(1);
    expect(parts.reduce((sum, part) => sum + BigInt(part), 0n)).toBe(BigInt(whole!));
  });
});

test("drift is none, until a rollup says what its spans do not", async () => {
  const drift = queries.find(({ name }) => name === "Spanhouse: pipeline health: Drift")!;
  const points = async () => (await run(drift)).rows.map(([, calls, dollars]) => [Number(calls), Number(dollars)]);
  expect((await points()).length).toBeGreaterThan(5);
  expect((await points()).flat().every((value) => value === 0)).toBe(true);
  const slices = await createSliceStore(server.clickhouse, streamed);
  const call = { service: "nobody", provider: "openai", response_model: "gpt-4o", feature: "", region: "" } as const;
  const ended = { outcome: "ok", refusal: "none", error_class: "none", calls: 7, cost: 3_000_000_000_000n } as const;
  await slices.storeMinutes([[Math.floor(opened.from / 60) + 1, [{ ...call, ...ended }]]]);
  await slices.close();
  expect((await points()).filter(([calls]) => calls !== 0)).toEqual([[7, 3]]);
});

describe("chosen values", () => {
  test("each variable lists what those before it leave", async () => {
    const variables = queries.filter(
      ({ name, shownAs }) => shownAs === "variable" && name.startsWith("Spanhouse: fleet cost"),
    );
    const chosen: Record<string, string[]> = {};
    for (const variable of variables) {
      const { rows } = await run(variable, { chosen });
      expect(rows.length, variable.name).toBeGreaterThan(0);
      const all = await run(variable);
      expect(rows.length).toBeLessThanOrEqual(all.rows.length);
      chosen[variable.query.refId] = [String(rows[0]![0])];
    }
    expect(Object.keys(chosen)).toEqual(["project", "environment", "service", "provider", "response_model"]);
    const states = queries.find(({ name }) => name === "Spanhouse: fleet cost: Price states")!;
    const [of, whole] = (await Promise.all([run(states, { chosen }), run(states)])).map(({ rows }) =>
      rows.reduce((sum, row) => sum + Number(row[2]), 0),
    );
    expect(of).toBeGreaterThan(0);
    expect(of).toBeLessThan(whole!);
  });

  test("a value that ends a text changes nothing but what is chosen", async () => {
    const services = queries.find(({ name }) => name === "Spanhouse: fleet cost: service")!;
    expect((await run(services, { chosen: { project: ["x') OR 1=1 --"] } })).rows).toEqual([]);
  });
});

describe("Grafana's user", () => {
  const range = () => `from = ${opened.from}, to = ${opened.to}, grain = 'hour'`;

  test.each([
    "spans",
    "open_spans",
    "trace_buckets",
    "traces",
    "rollup_minute",
    "rollup_hour",
    "rollup_day",
    "scores",
    "deliveries",
    "statements",
    "statement_lines",
  ])("sees no row of %s of another project", async (table) => {
    if (["spans", "traces", "rollup_minute", "rollup_hour", "statements", "statement_lines"].includes(table)) {
      const all = await server.clickhouse.query(`SELECT DISTINCT project FROM ${table} ORDER BY project`);
      expect(all).toContainEqual({ project: hidden });
      expect((await server.ask(`SELECT count() > 0 FROM ${table}`)).rows).toEqual([[1]]);
    }
    expect(
      (await server.ask(`SELECT count() FROM ${table} WHERE project NOT IN ('${shown}', '${streamed}')`)).rows,
    ).toEqual([[0]]);
  });

  test.each(["spend", "latency", "tools", "usage"])("sees no row of it through %s", async (view) => {
    const projects = `SELECT DISTINCT project FROM ${view}(${range()}) ORDER BY project`;
    expect(await server.clickhouse.query(projects)).toContainEqual({ project: hidden });
    expect((await server.ask(projects)).rows.flat()).toEqual(
      view === "spend" || view === "latency" ? [shown, streamed] : [shown],
    );
  });

  test.each(["span_payloads", "api_keys", "dead_letters", "prices", "projects", "system.users"])(
    "may not read %s",
    async (table) => {
      await expect(server.ask(`SELECT * FROM ${table} LIMIT 1`)).rejects.toThrow(/Not enough privileges/);
    },
  );

  test.each([
    "INSERT INTO projects (project) VALUES ('x')",
    "ALTER TABLE spans DELETE WHERE 1",
    "CREATE TABLE mine (a UInt8) ENGINE = Memory",
    "SELECT * FROM url('http://127.0.0.1:1/', 'CSV')",
    "SELECT * FROM file('/etc/passwd', 'CSV')",
  ])("may not: %s", async (sql) => {
    await expect(server.ask(sql)).rejects.toThrow(/Not enough privileges|readonly/i);
  });

  test.each([
    "max_execution_time = 31",
    "max_execution_time = 0",
    "max_rows_to_read = 0",
    "max_memory_usage = 0",
    "readonly = 0",
  ])("may not set %s", async (setting) => {
    await expect(server.ask(`SELECT 1 SETTINGS ${setting}`)).rejects.toThrow(/shouldn't be|readonly/);
  });

  test("that there is one takes nothing from the writer", async () => {
    const [{ n }] = (await server.clickhouse.query<{ n: string }>(`SELECT uniqExact(project) AS n FROM spans`)) as [
      { n: string },
    ];
    expect(n).toBe("3");
  });
});
