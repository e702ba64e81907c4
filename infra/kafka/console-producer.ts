import { spawn } from "node:child_process";
import { once } from "node:events";
import { kafkaClasspath, missingForLocalBroker } from "./local-broker.mjs";
import { kafkaImage } from "./test-kafka.ts";

export type Compression = "none" | "gzip" | "snappy" | "lz4" | "zstd";

/** Writes each line as a record without a key, by Kafka's own Java client: from the Maven jars, else by Docker. */
export async function produceLines(brokers: string, topic: string, compression: Compression, lines: readonly string[]) {
  const options = ["--bootstrap-server", brokers, "--topic", topic, "--compression-codec", compression];
  const [program, ...args] = (await missingForLocalBroker())
    ? ["docker", "run", "--rm", "-i", "--network", "host", kafkaImage, "/opt/kafka/bin/kafka-console-producer.sh"]
    : ["java", "-XX:TieredStopAtLevel=1", "-cp", await kafkaClasspath(), "org.apache.kafka.tools.ConsoleProducer"];
  const producer = spawn(program!, [...args, ...options], { stdio: ["pipe", "ignore", "pipe"] });
  let complaint = "";
  producer.stderr.on("data", (data) => {
    complaint += data;
  });
  producer.stdin.end(`${lines.join("\n")}\n`);
  const [code] = await once(producer, "exit");
  if (code !== 0) throw new Error(`the console producer ended with ${code}: ${complaint}`);
}
