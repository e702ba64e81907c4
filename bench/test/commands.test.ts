import { randomUUID } from "node:crypto";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { testBrokers } from "../../infra/kafka/test-brokers.ts";
import { type TestClickHouse, testClickHouse } from "../../services/store/test/test-clickhouse.ts";
import { startConsumerProcess } from "../src/measure/consumer-process.ts";
import { consumerFromSource, runProgram } from "./from-source.ts";

let store: TestClickHouse;
let scratch: string;

beforeEach(async () => {
  store = await testClickHouse();
  scratch = await mkdtemp(join(tmpdir(), "spanhouse-commands-"));
});

afterEach(async () => {
  await store.drop();
  await rm(scratch, { recursive: true, force: true });
});

function checkLedger(ledger: string, ...more: readonly string[]) {
  const { url, writer } = store.server;
  const login = writer ? ["--user", writer.username, "--password", writer.password] : [];
  return runProgram("check-ledger", ledger, "--clickhouse", url, ...login, "--database", store.database, ...more);
}

describe("generate, consume, check-ledger", () => {
  it("ends with no difference, and with one for each summary lost", { timeout: 120_000 }, async () => {
    const brokers = await testBrokers();
    const topic = `spans-${randomUUID()}`;
    const [ledger, report] = [join(scratch, "ledger"), join(scratch, "report.json")];
    const traffic = ["--traces", "120", "--seed", "3", "--hours", "2", "--project", "shop"];
    const to = ["--to", "kafka", "--brokers", brokers.join(","), "--topic", topic];
    const generated = await runProgram("generate", ...to, ...traffic, "--ledger", ledger);
    expect(generated.code, generated.stderr).toBe(0);
    expect(JSON.parse(generated.stdout)).toMatchObject({ traces: 120, ledger });

    const consumer = await startConsumerProcess({
      program: consumerFromSource,
      brokers,
      topic,
      group: topic,
      clickhouse: { url: store.server.url, ...store.server.writer, database: store.database },
      logFile: join(scratch, "consumer.log"),
    });
    try {
      const checked = await checkLedger(ledger, "--wait", "60", "--json", report);
      expect(checked.stdout.trimEnd().split("\n").at(-1), checked.stderr).toBe("0 differences");
      expect(checked.code).toBe(0);
      await consumer.stop();
    } finally {
      await consumer.kill();
    }
    const { name, figures } = JSON.parse(await readFile(report, "utf8"));
    expect({ name, differences: figures[1] }).toEqual({
      name: "check-ledger",
      differences: { name: "differences", value: 0, unit: "figures", target: 0, ok: true },
    });

    await store.clickhouse.command("ALTER TABLE traces DELETE WHERE live", {}, { mutations_sync: "2" });
    const lost = await checkLedger(ledger);
    expect(lost.stdout.trimEnd().split("\n").at(-1)).toBe("120 differences");
    expect(lost.code).toBe(1);
  });
});

it("says what an argument should be", async () => {
  const { code, stderr } = await runProgram("generate", "--to", "nowhere", "--ledger", join(scratch, "ledger"));
  expect({ code, stderr }).toEqual({ code: 1, stderr: "--to: expected kafka or gateway, got nowhere\n" });
});
