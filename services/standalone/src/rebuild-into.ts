import type { ConsumerConfig } from "@spanhouse/consumer/config";
import { loadDerivation } from "@spanhouse/consumer/derivation";
import { rebuildFromLog } from "@spanhouse/consumer/maintenance/rebuild-from-log";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { copyConfiguration } from "@spanhouse/store/configuration-tables";
import { migrate } from "@spanhouse/store/migrate";

export interface RebuildInto {
  readonly config: ConsumerConfig;
  /** The fresh database. */
  readonly into: string;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** A fresh database from what Kafka still has. Resolves with the exit code; throws CONFIG for a name that cannot be. */
export async function rebuildInto({ config, into, signal, print }: RebuildInto): Promise<number> {
  const { kafka, clickhouse: options, topicOwner, topicProject, limits } = config;
  if (!/^[A-Za-z_]\w{0,63}$/.test(into) || into === options.database) {
    throw new SpanhouseError(
      "CONFIG",
      `--into: expected another database than ${options.database}, of letters, digits and "_"; got ${JSON.stringify(into)}`,
    );
  }
  const derivation = await loadDerivation(config.derivation);
  const old = createClickHouse(options);
  const clickhouse = createClickHouse({ ...options, database: into });
  try {
    await migrate(old);
    await migrate(clickhouse);
    print(`copied into ${into}: ${(await copyConfiguration(clickhouse, options.database)).join(", ")}`);
    const log = (level: "error" | "warn" | "info" | "debug", message: string) => {
      if (level === "error" || level === "warn") print(message);
    };
    const connection = { brokers: kafka.brokers, ...kafka.security, clientId: "spanhouse-rebuild", log };
    const { topic, cluster } = kafka;
    const group = `${kafka.group}-rebuild-${into}`;
    let told = "";
    for await (const { done, of } of rebuildFromLog({
      ...{ clickhouse, connection, topic, group, cluster, topicOwner, topicProject, derivation, limits, signal },
      log: (message) => print(message),
    })) {
      const line = `${done} of ${of} records`;
      if (line !== told) print(line);
      told = line;
    }
    if (signal.aborted) {
      print("stopped; the same command goes on from here");
      return 1;
    }
    // What was set meanwhile.
    await copyConfiguration(clickhouse, options.database);
    const [first, oldFirst] = [await firstSpan(clickhouse), await firstSpan(old)];
    print(
      `${into} has everything that the log still has, from ${first ?? "no span"} on; ${options.database} from ${oldFirst ?? "no span"} on`,
    );
    print(
      `set SPANHOUSE_CLICKHOUSE_DATABASE=${into} for every service and start them anew: consumers go on from its checkpoints`,
    );
    return 0;
  } finally {
    await Promise.all([old.close(), clickhouse.close()]);
  }
}

/** RFC 3339, the minute in which the first span ended. */
async function firstSpan(clickhouse: ClickHouse): Promise<string | undefined> {
  const [row] = await clickhouse.query<{ minute: string; spans: string }>(
    "SELECT formatDateTime(min(bucket), '%Y-%m-%dT%H:%i:%SZ', 'UTC') AS minute, count() AS spans FROM spans WHERE bucket > 0",
  );
  return row!.spans === "0" ? undefined : row!.minute;
}
