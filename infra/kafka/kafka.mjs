// `npm run kafka`: a broker on 127.0.0.1:9092 in the foreground, its data under .spanhouse/kafka. Ctrl-C stops it.
import { join, resolve } from "node:path";
import { missingForLocalBroker, startLocalBroker } from "./local-broker.mjs";

const port = 9092;
const missing = await missingForLocalBroker();
if (missing) {
  process.stderr.write(
    `A local Kafka needs ${missing}. Or start one by Docker: docker run -p 9092:9092 apache/kafka:4.1.0\n`,
  );
  process.exit(1);
}

const dataDir = resolve(join(import.meta.dirname, "../../.spanhouse/kafka"));
const broker = await startLocalBroker({ dataDir, port, properties: { "auto.create.topics.enable": true } });
process.stdout.write(`Kafka answers on ${broker.brokers[0]}; data in ${dataDir}; Ctrl-C stops it.\n`);
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => void broker.stop());
await broker.exited;
