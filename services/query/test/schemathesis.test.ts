import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { installPython } from "../../../infra/dev/python.mjs";
import { runConsumer } from "../../consumer/test/pipeline/running-consumer.ts";
import { agent, chat, request, span, spanIdOf, traceIdOf } from "../../consumer/test/pipeline/spans.ts";
import { type TestApi, testQueryApi } from "./query-api.ts";

const environment = fileURLToPath(new URL("schemathesis/", import.meta.url));

let api: TestApi;
let url: string;

beforeAll(async () => {
  api = await testQueryApi();
  const consumer = await runConsumer(api.clickhouse);
  const exact = { "spanhouse.request": '{"model":"gpt-4o"}', "spanhouse.response": '{"choices":[]}' };
  for (const n of [1, 2])
    await consumer.send(request(span(n, 1, undefined, agent()), span(n, 2, 1, chat(10, 1, exact))));
  await consumer.stop();
  await api.app.listen({ port: 0, host: "127.0.0.1" });
  url = `http://127.0.0.1:${(api.app.server.address() as AddressInfo).port}`;
});
afterAll(() => api.close());

const full = process.env.SPANHOUSE_TEST_FULL !== undefined;

/** What it must not find: an error of the server, and an answer that the description does not have. */
const checks = [
  ...["not_a_server_error", "status_code_conformance", "content_type_conformance"],
  ...["response_headers_conformance", "response_schema_conformance", "ignored_auth"],
];

test("schemathesis finds no server error and no answer that openapi.json does not describe", {
  timeout: 900_000,
}, async () => {
  const python = installPython(environment);
  expect(python, "Python 3.10 or later").toBeDefined();
  const folder = mkdtempSync(join(tmpdir(), "spanhouse-schemathesis-"));
  const known = { trace_id: traceIdOf(1), other: traceIdOf(2), span_id: spanIdOf(2) };
  const args = [
    ...[
      "-m",
      "schemathesis.cli",
      "run",
      `${url}/openapi.json`,
      "--header",
      `Authorization: Bearer ${await api.key("p")}`,
    ],
    ...["--checks", checks.join(","), "--seed", "7", "--continue-on-failure", "--warnings", "off", "--no-color"],
    ...["--suppress-health-check", "all", "--generation-database", "none"],
    // It goes on until the client goes.
    ...["--exclude-operation-id", "tailTraces"],
    ...(full ? ["--max-examples", "100"] : ["--phases", "fuzzing", "--max-examples", "4", "--no-shrink"]),
  ];
  const child = spawn(python!, args, {
    cwd: folder,
    env: {
      ...process.env,
      PYTHONPATH: environment,
      SCHEMATHESIS_HOOKS: "known_ids",
      SPANHOUSE_KNOWN_IDS: JSON.stringify(known),
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (said += chunk));
  const code = await new Promise((resolve) => child.once("close", resolve));
  rmSync(folder, { recursive: true, force: true });
  expect(code, said).toBe(0);
  expect(said).toMatch(/Operations/i);
});
