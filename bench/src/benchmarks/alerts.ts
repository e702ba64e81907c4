import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keyFrom } from "@spanhouse/alerts/conditions/verdict";
import { filtersOf, readContributions } from "@spanhouse/alerts/evidence/contributions";
import { type ReplayedEpisode, replayRule } from "@spanhouse/alerts/replay";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { type ClickHouse, createClickHouse } from "@spanhouse/store/clickhouse";
import { migrate } from "@spanhouse/store/migrate";
import { createProjectReader, defaultReadLimits } from "@spanhouse/store/readers/project-reader";
import { startEmbeddedServer } from "@spanhouse/store/server/embedded-server";
import { detectingRules } from "../alerts/detecting-rules.ts";
import { drawIncidents, type Incident } from "../alerts/incidents.ts";
import { type Finding, falseAlarms, findingsOf } from "../alerts/judged-episodes.ts";
import { drawServices } from "../alerts/simulated-services.ts";
import { storeSimulation } from "../alerts/stored-simulation.ts";
import { createRandom } from "../generator/random.ts";
import { median } from "../measure/median.ts";
import type { Figure } from "../measure/report.ts";
import type { Benchmark } from "./benchmark.ts";

const day = 1440;
const week = 7 * day;
const project = "bench";
const historyWeeks = 4;
/** A Monday. */
const begin = Math.floor(Date.UTC(2026, 9, 5) / 60_000);
/** A minute is evaluated when its spans are known to be there: ten seconds, the roll and a tick, rounded up. */
const waitMinutes = 0.5;
const spikeMinutes = 3;

/** Simulated weeks with incidents of known time and cause, replayed as `spanhouse alerts test` does. */
export const alerts: Benchmark = {
  name: "alerts",
  summary: "incidents found in simulated weeks, false alarms, and whether what explains them comes first",
  options: { seed: 1, services: 25, weeks: 4 },

  async run({ seed = 1, services: count = 25, weeks = 4 }, tell) {
    const random = createRandom(seed);
    const services = drawServices(random, count);
    const from = begin + historyWeeks * week;
    const incidents = services.flatMap((service) =>
      Array.from({ length: weeks }, (_, i) => drawIncidents(random, service, from + i * week)).flat(),
    );
    const directory = await mkdtemp(join(tmpdir(), "spanhouse-bench-"));
    const server = await startEmbeddedServer({ dataDir: directory });
    const clickhouse = createClickHouse({ ...server, database: "spanhouse" });
    try {
      await migrate(clickhouse);
      const to = from + weeks * week;
      await storeSimulation(clickhouse, { project, seed, services, incidents, history: begin, from, to }, tell);
      const figures: Figure[] = [];
      const findings: Finding[] = [];
      const causes: boolean[] = [];
      let falsely = 0;
      for (const { name, rule: content, finds } of detectingRules) {
        const rule = parseAlertRule(name, content);
        const episodes = await replayRule(
          () => readerOf(clickhouse),
          { project, name, rule },
          from * 60 + 3600,
          to * 60,
        );
        const found = findingsOf(incidents, finds, episodes);
        findings.push(...found);
        for (const { incident, episode } of found) {
          if (episode === undefined) tell(`missed: ${shown(incident)}`);
          // What a rule groups by explains nothing more.
          if (episode === undefined || incident.value === "" || incident.dimension in episode.group) continue;
          const [top] = await causesOf(clickhouse, rule, episode);
          const right = top?.dimension === incident.dimension && top.value === incident.value;
          causes.push(right);
          if (!right) tell(`explained by ${top?.dimension} ${top?.value}: ${shown(incident)}`);
        }
        const wrong = falseAlarms(incidents, episodes);
        for (const { summary, firedAt } of wrong)
          tell(`false: ${summary} at ${new Date(firedAt * 1000).toISOString()}`);
        falsely += wrong.length;
        figures.push(figure(`false alarms of ${name}`, wrong.length, "alarms", null));
      }
      const seriesWeeks = count * weeks;
      return {
        figures: [
          ...figuresOf(findings),
          figure("series-weeks", seriesWeeks, "series-weeks of four rules", null),
          figure("false alarms, all rules", (falsely / seriesWeeks) * 100, "in 100 series-weeks", 10, "most"),
          ...figures,
          figure("injected value is the first explanation", share(causes), "share", 0.95, "least"),
        ],
        versions: { clickhouse: await clickhouse.version() },
      };
    } finally {
      await clickhouse.close();
      await server.stop();
      await rm(directory, { recursive: true, force: true });
    }
  },
};

const readerOf = (clickhouse: ClickHouse) =>
  createProjectReader(clickhouse, { ...defaultReadLimits, seconds: 600 }, project, new AbortController().signal);

async function causesOf(clickhouse: ClickHouse, rule: ReturnType<typeof parseAlertRule>, episode: ReplayedEpisode) {
  const { key, since, firedAt } = episode;
  const breach = { filters: filtersOf(rule, keyFrom(key)), since, end: firedAt };
  return (await readContributions(readerOf(clickhouse), rule, breach)).contributions;
}

function figuresOf(findings: readonly Finding[]): Figure[] {
  const of = (kind: Incident["kind"]) => findings.filter(({ incident }) => incident.kind === kind);
  const spikes = of("spike");
  const inTime = spikes.filter(({ minutes }) => minutes + waitMinutes <= spikeMinutes);
  return [
    figure(
      `spikes of 3 times for 5 minutes found within ${spikeMinutes} minutes (${spikes.length})`,
      inTime.length / Math.max(1, spikes.length),
      "share",
      1,
      "least",
    ),
    ...(["spike", "drop", "outage", "refusals", "drift"] as const).flatMap((kind) => {
      const found = of(kind).filter(({ episode }) => episode !== undefined);
      return [
        figure(`${kind}: found (${of(kind).length})`, found.length / Math.max(1, of(kind).length), "share", null),
        figure(
          `${kind}: until it is found, median`,
          found.length === 0 ? 0 : median(found.map(({ minutes }) => minutes)),
          "min",
          null,
        ),
      ];
    }),
  ];
}

const share = (right: readonly boolean[]) => right.filter(Boolean).length / Math.max(1, right.length);

function figure(name: string, value: number, unit: string, target: number | null, bound?: "least" | "most"): Figure {
  const ok = target === null || (bound === "most" ? value <= target : value >= target);
  return { name, value, unit, target, ok };
}

function shown({ kind, service, from, size, dimension, value }: Incident): string {
  return `${kind} of ${size.toFixed(2)} of ${service.name} at ${new Date(from * 60_000).toISOString()}, ${dimension} ${value}`;
}
