import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { replayRule } from "@spanhouse/alerts/replay";
import { encodeTraces } from "@spanhouse/schemas/otlp/encode";
import { createAdministration } from "@spanhouse/store/administration";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { detectingRules } from "../alerts/detecting-rules.ts";
import { drawIncidents } from "../alerts/incidents.ts";
import { findingsOf } from "../alerts/judged-episodes.ts";
import { drawServices } from "../alerts/simulated-services.ts";
import { createSimulatedSpans, picoPrice } from "../alerts/simulated-spans.ts";
import { createSliceStore, readCells, type SimulatedMinute, simulatedDays } from "../alerts/stored-simulation.ts";
import { startStandaloneProcess } from "../chaos/standalone-process.ts";
import { createRandom } from "../generator/random.ts";
import { freePort } from "../measure/free-port.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const program = join(import.meta.dirname, "..", "..", "..", "services", "standalone", "dist", "main.js");
/** Of a standalone's own key. */
const project = "default";
const day = 1440;
const historyWeeks = 4;
/** A Monday. */
const begin = Math.floor(Date.UTC(2026, 9, 5) / day / 60_000) * day;
const requestsAtOnce = 4;

/**
 * What `alerts` writes as slices, sent as spans: through the gateway, the log, the consumer and its rollups of a standalone.
 * Slices must be the same, and so must what the rules say of them.
 */
export const alertsIngest: Benchmark = {
  name: "alerts-ingest",
  summary: "some hours around an incident of the alerts benchmark sent as spans: the same slices, the same episodes",
  options: { seed: 1, services: 1, hours: 3 },

  async run({ seed = 1, services: count = 1, hours = 3 }, tell) {
    const random = createRandom(seed);
    const services = drawServices(random, count);
    const week = begin + historyWeeks * 7 * day;
    const incidents = services.flatMap((service) => drawIncidents(random, service, week));
    const first = Math.min(...incidents.filter(({ kind }) => kind === "spike").map(({ from }) => from));
    const from = Math.floor((first - 60) / 60) * 60;
    const to = from + hours * 60;

    const directory = await mkdtemp(join(tmpdir(), "spanhouse-bench-"));
    const server = await startEmbeddedServer({ dataDir: join(directory, "clickhouse") });
    const database = (name: string) => ({ ...server, database: name });
    const written = createClickHouse(database("written"));
    const sent = createClickHouse(database("sent"));
    try {
      await Promise.all([migrate(written), migrate(sent)]);
      await createAdministration(sent).setRule({ project, by: "bench" }, "prices", "pico", picoPrice, "bench");
      const dataDir = join(directory, "standalone");
      const port = await freePort();
      const standalone = await startStandaloneProcess({
        ...{ program: [program], port, clickhouse: database("sent"), storeTimeoutMs: 60_000, dataDir },
        logFile: join(directory, "standalone.log"),
      });
      const send = sender(`http://127.0.0.1:${port}`, readFileSync(join(dataDir, "api-key"), "utf8").trim(), seed);
      let spans = 0;
      let seconds = 0;
      try {
        const [slices, older] = await Promise.all([
          createSliceStore(written, project),
          createSliceStore(sent, project),
        ]);
        const end = week + Math.ceil((to - week) / day) * day;
        for (const minutes of simulatedDays({ project, seed, services, incidents, history: begin, from, to: end })) {
          const before = minutes.filter(([minute]) => minute < from);
          const shown = minutes.filter(([minute]) => minute >= from && minute < to);
          // What lies before is in both as slices: hours that a baseline is made of, and a day of minutes for the scatter.
          const newest = before.filter(([minute]) => minute >= from - day);
          for (const store of [slices, older]) {
            if (before.length > 0) await store.storeHours(before);
            if (newest.length > 0) await store.storeMinutes(newest);
          }
          if (shown.length === 0) continue;
          await slices.storeMinutes(shown);
          const started = performance.now();
          spans += await send(shown, tell);
          seconds += (performance.now() - started) / 1000;
        }
        await Promise.all([slices.close(), older.close()]);
      } finally {
        // What it has accepted is rolled up then.
        await standalone.stop();
      }

      const [cells, others] = await Promise.all([written, sent].map((one) => readCells(one, project, from, to)));
      const keys = new Set([...cells!.keys(), ...others!.keys()]);
      const astray = [...keys].filter((key) => cells!.get(key) !== others!.get(key));
      for (const key of astray.slice(0, 10)) tell(`${key}: ${cells!.get(key)} written, ${others!.get(key)} sent`);
      const [told, toldOfSent] = await Promise.all([written, sent].map((one) => episodesOf(one, from, to)));
      const differing = told!.filter((episodes, i) => JSON.stringify(episodes) !== JSON.stringify(toldOfSent![i]));
      const inside = incidents.filter((incident) => incident.from >= from && incident.from < to);
      const found = detectingRules.flatMap(({ finds }, i) => findingsOf(inside, finds, toldOfSent![i]!));
      return {
        figures: [
          figure("spans sent and stored", spans, "spans"),
          figure("until a request of them is stored, all together", spans / seconds, "spans/s"),
          figure("calls and cost by minute and dimensions", keys.size, "cells"),
          figure("of these other than written", astray.length, "cells", 0),
          figure("episodes of four rules", toldOfSent!.flat().length, "episodes"),
          figure("rules that say something else of them", differing.length, "rules", 0),
          figure("incidents in these hours", inside.length, "incidents"),
          figure("of these found", found.filter(({ episode }) => episode !== undefined).length, "incidents"),
        ],
        versions: { clickhouse: await sent.version() },
      };
    } finally {
      await Promise.all([written.close(), sent.close()]);
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

/** Sends minutes through a gateway, and resolves with how many spans they were. Throws where one is not taken. */
function sender(gatewayUrl: string, apiKey: string, seed: number) {
  const requestOf = createSimulatedSpans(seed);
  return async function send(minutes: readonly SimulatedMinute[], tell: (line: string) => void): Promise<number> {
    const waiting = [...minutes];
    let spans = 0;
    async function work(): Promise<void> {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [minute, calls] = next;
        const body = encodeTraces(requestOf(minute, calls)) as Uint8Array<ArrayBuffer>;
        const response = await fetch(`${gatewayUrl}/v1/traces`, {
          method: "POST",
          headers: { "content-type": "application/x-protobuf", authorization: `Bearer ${apiKey}` },
          body,
        });
        const answer = await response.arrayBuffer();
        if (!response.ok || answer.byteLength > 0) {
          throw new Error(`the gateway answered ${response.status} ${Buffer.from(answer).toString("utf8")}`);
        }
        spans += calls.reduce((sum, { calls: many }) => sum + many, 0);
        if (minute % 60 === 0) tell(`sent until ${new Date(minute * 60_000).toISOString()}`);
      }
    }
    await Promise.all(Array.from({ length: requestsAtOnce }, work));
    return spans;
  };
}

/** What each rule would have said of the hours, but of the first ten minutes, in which windows fill. */
async function episodesOf(clickhouse: ClickHouse, from: number, to: number) {
  const reader = () =>
    createProjectReader(clickhouse, { ...defaultReadLimits, seconds: 600 }, project, new AbortController().signal);
  const told = [];
  for (const { name, rule } of detectingRules) {
    told.push(await replayRule(reader, { project, name, rule: parseAlertRule(name, rule) }, (from + 10) * 60, to * 60));
  }
  return told;
}

function figure(name: string, value: number, unit: string, target: number | null = null): Figure {
  return { name, value, unit, target, ok: target === null || value === target };
}
