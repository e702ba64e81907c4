import { join } from "node:path";
import { createApiKeys } from "@spanhouse/store/api-keys";
import { migrate } from "@spanhouse/store/migrate";
import { compare } from "../check/differences.ts";
import { freePort } from "../measure/free-port.ts";
import { createGatewayOutlet } from "../outlets/gateway-outlet.ts";
import type { ChaosResult, ChaosRun } from "./chaos-run.ts";
import type { Fault } from "./fault.ts";
import { createMember } from "./member.ts";
import { planTraffic, projects, sharesOf } from "./planned-traffic.ts";
import { storeTimeoutMs } from "./rhythm.ts";
import type { Scene } from "./scene.ts";
import { startStandaloneProcess } from "./standalone-process.ts";
import { strikeAll } from "./strike-all.ts";
import { until } from "./until.ts";
import { runVerify } from "./verify-command.ts";

/** Shares of the traffic that a fault may use up while its window is awaited. */
const sharesPerFault = 3;

/**
 * Standalone works off traffic over OTLP while one fault after another strikes. Its clients send again what was not
 * acknowledged, nobody else does: the log is in its memory, so that after a kill what it has stored is all that it knows.
 */
export async function runStandaloneChaos(
  options: ChaosRun & { readonly faults: readonly Fault<Scene>[] },
): Promise<ChaosResult> {
  const { stack, seed, faults, command } = options;
  const name = `chaos_${seed}_${Date.now()}`;
  const store = stack.database(name);
  const { clickhouse } = store;
  await clickhouse.createDatabase();
  await migrate(clickhouse);
  const keys = new Map<string, string>();
  for (const project of projects) {
    const { key } = await createApiKeys(clickhouse).createKey({ project, scopes: ["ingest"], label: "chaos" });
    keys.set(project, key);
  }
  const port = await freePort();
  const member = await createMember({
    url: store.options.url,
    launch: (url) =>
      startStandaloneProcess({
        program: command,
        port,
        storeTimeoutMs,
        clickhouse: { ...store.options, url },
        dataDir: join(stack.directory, `${name}-data`),
        logFile: join(stack.directory, `${name}.log`),
      }),
  });
  const outlet = createGatewayOutlet({ url: `http://127.0.0.1:${port}`, keys, json: false });
  try {
    const { ledger, deliveries } = planTraffic(seed, options.traces, 0);
    const shares = sharesOf(deliveries, faults.length * sharesPerFault + 1);
    let published = 0;
    const publish: Scene["publish"] = async (
      send = (deliveries) => until("standalone takes the traffic", () => outlet.send(deliveries).then(() => true)),
    ) => send(shares[published++ % shares.length]!);
    const settled = async () => member.mustRun();
    await member.start();
    const struck = await strikeAll(
      faults,
      { stack, clickhouse, members: [member], projects, publish, settled },
      options,
    );
    while (published < shares.length) await publish();
    await member.stop();
    await member.proxy.settled();
    return {
      ...struck,
      spans: deliveries.reduce((sum, { spans }) => sum + spans, 0),
      ...(await compare(ledger, clickhouse)),
      verified: await runVerify(command, store.options),
      wrongLetters: Number((await clickhouse.queryRows<[string]>("SELECT toString(count()) FROM dead_letters"))[0]![0]),
    };
  } finally {
    await outlet.close();
    await member.close();
    await clickhouse.command(`DROP DATABASE IF EXISTS ${name} SYNC`);
    await clickhouse.close();
  }
}
