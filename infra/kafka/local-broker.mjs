// A real Kafka broker without Docker: the jars come from Maven, the broker is one KRaft process. Needs Java 17 or later.
import { execFile, spawn } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { connect, createServer } from "node:net";
import { dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const here = dirname(fileURLToPath(import.meta.url));
const pom = join(here, "pom.xml");

/** What a person must install, or undefined when Java and Maven are there. */
export async function missingForLocalBroker() {
  const missing = [];
  const java = await run("java", ["-version"]).catch(() => undefined);
  const major = Number(/version "(\d+)/.exec(java?.stderr ?? "")?.[1] ?? 0);
  if (major < 17) missing.push("Java 17 or later");
  if (!existsSync(jarDirectory()) && !(await run("mvn", ["-v"]).catch(() => undefined))) missing.push("Maven");
  return missing.length > 0 ? missing.join(" and ") : undefined;
}

/** Kafka's own jars, fetched once; also what its command-line clients run from. */
export async function kafkaClasspath() {
  const jars = jarDirectory();
  if (!existsSync(jars)) {
    await mkdir(dirname(jars), { recursive: true });
    await withLock(`${jars}.lock`, () => (existsSync(jars) ? undefined : fetchJars(jars)));
  }
  return join(jars, "*");
}

/** Named by the pom's content: another version never mixes with this one's jars. */
function jarDirectory() {
  return join(here, "libs", createHash("sha256").update(readFileSync(pom)).digest("hex").slice(0, 12));
}

async function fetchJars(jars) {
  const partial = `${jars}.partial`;
  await rm(partial, { recursive: true, force: true });
  await run("mvn", ["-q", "-B", "-f", pom, "dependency:copy-dependencies", `-DoutputDirectory=${partial}`]);
  await rename(partial, jars);
}

/** Runs `work` while no other process does; a lock whose owner is dead is taken over. */
async function withLock(lock, work) {
  for (;;) {
    try {
      await writeFile(lock, String(process.pid), { flag: "wx" });
      break;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      const owner = Number(await readFile(lock, "utf8").catch(() => process.pid));
      if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
      await delay(200);
    }
  }
  try {
    return await work();
  } finally {
    await rm(lock, { force: true });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * Starts a broker and waits until it answers. It ends with `stop` (in order), `kill` (at once), or with this process,
 * however that dies. Started again on the same directory it goes on with the same data. `scram` are users of the first start,
 * as `kafka-storage format --add-scram` takes them. `node`: its place in a cluster; alone if not told.
 */
export async function startLocalBroker({ dataDir, port, partitions = 8, properties = {}, scram = [], node }) {
  const classpath = await kafkaClasspath();
  const listen = port ?? (await freePort());
  await mkdir(dataDir, { recursive: true });
  const config = join(dataDir, "server.properties");
  const { clusterId, id, controllerPorts } = node ?? { ...newCluster(), id: 1, controllerPorts: [await freePort()] };
  await writeFile(config, serverProperties({ dataDir, port: listen, id, controllerPorts, partitions, properties }));
  if (!existsSync(join(dataDir, "log", "meta.properties"))) {
    await run("java", [
      "-XX:TieredStopAtLevel=1",
      "-cp",
      classpath,
      "kafka.tools.StorageTool",
      "format",
      "-t",
      clusterId,
      "-c",
      config,
      ...scram.flatMap((credential) => ["--add-scram", credential]),
    ]);
  }

  const log = join(dataDir, "broker.log");
  const java = ["java", "-Xmx512m", "-XX:+UseSerialGC", "-cp", classpath, "kafka.Kafka", config];
  const guard = spawn("sh", ["-c", guarded, "guard", log, ...java], { stdio: ["pipe", "pipe", "ignore"] });
  guard.stdin.on("error", () => {});
  const exited = once(guard, "exit");
  const [firstLine] = await once(guard.stdout, "data");
  const pid = Number(firstLine);
  const signal = async (name) => {
    if (guard.exitCode === null && isAlive(pid)) process.kill(pid, name);
    await exited;
  };

  const answering = await answers(listen, () => guard.exitCode === null);
  if (!answering) {
    if (guard.exitCode === null) await signal("SIGKILL");
    const said = (await readFile(log, "utf8").catch(String)).slice(-2_000);
    throw new Error(`Kafka did not start on port ${listen}; its output, in ${log}, ends with\n${said}`);
  }
  return {
    brokers: [`127.0.0.1:${listen}`],
    pid,
    exited: exited.then(() => undefined),
    stop: () => signal("SIGTERM"),
    kill: () => signal("SIGKILL"),
  };
}

function newCluster() {
  return { clusterId: `s${randomBytes(16).toString("base64url").slice(1)}` };
}

/**
 * Brokers of one cluster, each of which may be killed and started again. Topics that do not say otherwise have a replica on
 * each, and take records that all but one of them have. `properties(i)`: of the broker at place `i`.
 */
export async function startLocalCluster({ dataDir, ports, properties = () => ({}) }) {
  const { clusterId } = newCluster();
  const controllerPorts = await Promise.all(ports.map(freePort));
  const replicas = {
    "default.replication.factor": ports.length,
    "min.insync.replicas": Math.max(1, ports.length - 1),
    "offsets.topic.replication.factor": ports.length,
    // A leader that is gone is missed soon.
    "broker.session.timeout.ms": 3_000,
    "broker.heartbeat.interval.ms": 500,
  };
  const start = (i) =>
    startLocalBroker({
      dataDir: join(dataDir, String(i + 1)),
      port: ports[i],
      properties: { ...replicas, ...properties(i) },
      node: { clusterId, id: i + 1, controllerPorts },
    });
  const brokers = await Promise.all(ports.map((_, i) => start(i)));
  return {
    brokers: brokers.flatMap(({ brokers }) => brokers),
    async restart(i, whileDown = async () => {}) {
      await brokers[i].kill();
      try {
        await whileDown();
      } finally {
        brokers[i] = await start(i);
      }
    },
    async kill() {
      await Promise.all(brokers.map((broker) => broker.kill()));
    },
  };
}

/** Prints the broker's pid; kills it when standard input ends, which it does however the starting process dies. */
const guarded = `
  log=$1; shift
  exec 3<&0
  "$@" </dev/null >>"$log" 2>&1 3<&- & broker=$!
  echo $broker
  { read -r _ <&3; kill -9 $broker; } >/dev/null 2>&1 & watch=$!
  trap '' INT TERM
  wait $broker
  kill $watch 2>/dev/null
`;

function serverProperties({ dataDir, port, id, controllerPorts, partitions, properties }) {
  return Object.entries({
    "process.roles": "broker,controller",
    "node.id": id,
    "controller.quorum.voters": controllerPorts.map((voter, i) => `${i + 1}@127.0.0.1:${voter}`).join(","),
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPorts[id - 1]}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}`,
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    "log.dirs": join(dataDir, "log"),
    "num.partitions": partitions,
    "auto.create.topics.enable": false,
    "message.max.bytes": 16_777_216,
    "replica.fetch.max.bytes": 16_777_216,
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    ...properties,
  })
    .map(([key, value]) => `${key}=${value}\n`)
    .join("");
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function answers(port, running) {
  const deadline = Date.now() + 60_000;
  while (running() && Date.now() < deadline) {
    if (await answersApiVersions(port)) return true;
    await delay(100);
  }
  return false;
}

/** ApiVersions is the request that every Kafka connection begins with. */
function answersApiVersions(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answered) => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(2_000, () => end(false));
    socket.on("error", () => end(false));
    socket.on("close", () => end(false));
    socket.on("data", () => end(true));
    // Length 10, api key 18, version 0, correlation id 1, null client id.
    socket.on("connect", () => socket.write(Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 0xff, 0xff])));
  });
}
