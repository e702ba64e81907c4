import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { testBrokers } from "../../../infra/kafka/test-brokers.ts";

const folder = fileURLToPath(new URL("../../python/", import.meta.url));

test("the Python SDK publishes to Kafka as Java would: its own tests, on this run's broker", async () => {
  const brokers = (await testBrokers()).join(",");
  // The virtual environment is made by `npm test`.
  const pytest = spawn(`${folder}.venv/bin/python`, ["-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/kafka"], {
    cwd: folder,
    env: { ...process.env, SPANHOUSE_TEST_KAFKA: brokers },
  });
  let output = "";
  for (const stream of [pytest.stdout, pytest.stderr]) {
    stream.on("data", (chunk) => {
      output += chunk;
    });
  }
  const [code] = await once(pytest, "close");
  expect(code, output).toBe(0);
  expect(output).toMatch(/^[1-9]\d* passed/m);
}, 60_000);
