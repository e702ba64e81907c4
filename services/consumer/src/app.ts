import { setTimeout as sleep } from "node:timers/promises";
import type { Tracer } from "@opentelemetry/api";
import type { InboundBatch, SpanSubscriber } from "@spanhouse/bus/bus";
import type { DeadLetterPublisher } from "@spanhouse/bus/dead-letters";
import { uptime } from "@spanhouse/schemas/uptime";
import { createCheckpoints } from "@spanhouse/store/checkpoints";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { createKnownInstallation } from "@spanhouse/store/installation";
import { createFreezeLine, createProjects } from "@spanhouse/store/projects";
import { rollCode } from "@spanhouse/store/rank";
import { retrying } from "@spanhouse/store/retrying";
import { createSliceWriter, type SliceWriter } from "@spanhouse/store/slices/slice-writer";
import { createSpanWriter } from "@spanhouse/store/spans/span-writer";
import { traced } from "@spanhouse/store/traced";
import { createTraceReader } from "@spanhouse/store/traces/trace-reader";
import { inSpan, outOfSpans } from "@spanhouse/tracing/in-span";
import { createBatchEraser } from "./batch-eraser.ts";
import type { DerivationSource } from "./derivation.ts";
import type { FlushReport, StoreBatch } from "./flush.ts";
import { createFlush } from "./flush.ts";
import { createLiveTraces } from "./live-traces.ts";
import type { ConsumerMetrics } from "./metrics.ts";
import { createRoller, type Roller } from "./roller.ts";
import { ownClock, serverClock } from "./stamping-clock.ts";
import { createTraceAssembly } from "./trace-assembly.ts";

export interface ConsumerLimits {
  /** A flush takes this many bytes of records at most. */
  readonly flushBytes: number;
  /** And waits at most this long for them, ms. */
  readonly flushMs: number;
  /** Slices are rolled, and positions committed, this often, ms. */
  readonly rollMs: number;
  /** Rows of live traces in memory at most, so that they need not be read back; about 1 kB each. */
  readonly liveRows: number;
}

export interface ConsumerDependencies {
  readonly clickhouse: ClickHouse;
  readonly subscriber: SpanSubscriber;
  readonly deadLetters: DeadLetterPublisher;
  readonly derivation: DerivationSource;
  /** The span log's name among those that feed this store: `embedded`, or the Kafka cluster's. */
  readonly cluster: string;
  /** The project of records that name none; empty: such records are dead letters. */
  readonly topicProject: string;
  readonly limits: ConsumerLimits;
  readonly tracer: Tracer;
  readonly metrics: ConsumerMetrics;
  readonly log: (message: string, detail?: Readonly<Record<string, unknown>>) => void;
}

export interface Consumer {
  /** Works until `stop`; rejects on what cannot heal. Outages of the store or the log are waited out. */
  run(): Promise<void>;
  /** Finishes the flush in hand, rolls, commits and leaves. Resolves when `run` has. */
  stop(): Promise<void>;
}

/** How long a stopping consumer waits for a store that is away before it leaves the rest to redelivery, ms. */
const stopPatienceMs = 20_000;

export function createConsumer(dependencies: ConsumerDependencies): Consumer {
  const { subscriber, deadLetters, derivation, cluster, topicProject, limits, tracer, metrics, log } = dependencies;
  const giveUp = new AbortController();
  const stopping = new AbortController();
  const clickhouse = retrying(traced(dependencies.clickhouse, tracer), {
    signal: giveUp.signal,
    onRetry: (error, attempt, delayMs) => log("the store is away", { error: String(error), attempt, delayMs }),
  });
  const freezeLine = createFreezeLine(createProjects(clickhouse), { refreshMs: 5_000, uptime });
  const slices = createSliceWriter({ clickhouse, rollCode: Number(rollCode), freezeLine, now: Date.now });
  const checkpoints = createCheckpoints(clickhouse);
  const reader = createTraceReader(clickhouse);
  const assembly = createTraceAssembly({ clickhouse, reader, freezeLine });
  const currentDerivation = derivation(clickhouse);
  const flush = createFlush({
    clickhouse,
    writer: createSpanWriter(clickhouse),
    assembly,
    live: createLiveTraces(limits.liveRows),
    deadLetters,
    freezeLine,
    currentDerivation,
    eraser: createBatchEraser(clickhouse),
    topicProject,
    installation: createKnownInstallation({ ...dependencies, refreshMs: 60_000, uptime }),
    signal: giveUp.signal,
  });

  /** What a crash left: rows that are in the store, and may be in no summary and no slice. */
  async function recover(roller: Roller): Promise<void> {
    const traces = await reader.writtenSince(await roller.unrolledSince());
    for (let i = 0; i < traces.length; i += recoveryChunk) {
      roller.behind((await assembly.byReading(traces.slice(i, i + recoveryChunk))).slices);
    }
    await roller.roll();
    if (traces.length > 0) log("recovered", { traces: traces.length });
  }

  /** Records wait behind the last batch. */
  let catchingUp = false;

  /** The next batch is derived while the store works on this one. */
  async function flushAll(roller: Roller): Promise<void> {
    let storing = Promise.resolve();
    try {
      for await (const batch of subscriber.batches({ maxBytes: limits.flushBytes, maxWaitMs: limits.flushMs })) {
        catchingUp = batch.more;
        if (batch.records.length > 0) {
          const done = metrics.flushStarted(batch.records);
          const store = await flush(batch);
          await storing;
          storing = storeBatch(roller, batch, store).then(done);
          // It is awaited before the next; until then a failure is nobody's.
          storing.catch(() => {});
        }
        if (stopping.signal.aborted) break;
      }
    } finally {
      await storing;
    }
  }

  async function storeBatch(roller: Roller, batch: InboundBatch, store: StoreBatch): Promise<FlushReport> {
    roller.began();
    // What is told of it would be told of once more when it comes back.
    const report = store.ownTelemetryOnly ? await outOfSpans(store) : await tracedStore(batch, store);
    await roller.written();
    subscriber.stored(batch);
    roller.covered(report.slices, batch.positions, batch.generation);
    return report;
  }

  function tracedStore(batch: InboundBatch, store: StoreBatch): Promise<FlushReport> {
    return inSpan(tracer, "store batch", { "spanhouse.records": batch.records.length }, async (span) => {
      const report = await store();
      span.setAttributes({
        "spanhouse.spans": report.spans,
        "spanhouse.rows_read": report.rowsRead,
        "spanhouse.dead_letters": report.letters.length,
      });
      return report;
    });
  }

  /**
   * Each roll takes its minutes whole: the longer one takes, the longer the next waits. While records wait, rollups are
   * behind them whatever is done, and minutes rolled now would be rolled again with what comes: they wait as long as they may.
   */
  async function rollOften(roller: Roller): Promise<void> {
    let restMs = limits.rollMs;
    let rolledAt = performance.now();
    while (!stopping.signal.aborted) {
      await sleep(restMs, undefined, { signal: stopping.signal }).catch(() => {});
      const began = performance.now();
      if (catchingUp && began - rolledAt < greatestRestMs && !stopping.signal.aborted) continue;
      const done = metrics.rollStarted();
      done(await roller.roll());
      rolledAt = performance.now();
      restMs = Math.min(Math.max(limits.rollMs, (rolledAt - began) * restPerRoll), greatestRestMs);
    }
  }

  let running: Promise<void> | undefined;
  async function run(): Promise<void> {
    await currentDerivation();
    const clock = subscriber.redelivers ? ownClock(Date.now) : await serverClock(clickhouse, uptime);
    const roller = createRoller({ slices: tracedRolls(slices, tracer), checkpoints, subscriber, cluster, clock });
    if (!subscriber.redelivers) await recover(roller);
    await slices.foldMissing();
    try {
      await Promise.all([flushAll(roller).finally(() => stopping.abort()), rollOften(roller)]);
      await roller.roll();
    } finally {
      stopping.abort();
      await subscriber.close();
    }
  }

  return {
    run() {
      running ??= run();
      return running;
    },
    async stop() {
      const patience = setTimeout(
        () => giveUp.abort(new Error("the store did not come back while stopping")),
        stopPatienceMs,
      );
      stopping.abort();
      await running?.catch((error) => log("stopped before the end", { error: String(error) }));
      clearTimeout(patience);
    },
  };
}

/** The same writer, whose rolls of something are spans. */
function tracedRolls(slices: SliceWriter, tracer: Tracer): SliceWriter {
  return {
    ...slices,
    roll: (asked) =>
      asked.length === 0
        ? slices.roll(asked)
        : inSpan(tracer, "roll", { "spanhouse.slices": asked.length }, () => slices.roll(asked)),
  };
}

const recoveryChunk = 1000;

/** Rolling takes a fifth of the time at most, unless one roll takes longer than the greatest rest allows. */
const restPerRoll = 4;
/** So long positions and rollups may be behind when a backlog is worked off. */
const greatestRestMs = 30_000;
