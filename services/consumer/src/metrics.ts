import type { InboundRecord } from "@spanhouse/bus/bus";
import { deadLetterHeader } from "@spanhouse/bus/bus";
import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { FlushReport } from "./flush.ts";
import type { RollReport } from "./roller.ts";

export interface ConsumerMetrics {
  flushStarted(records: readonly InboundRecord[]): (report: FlushReport) => void;
  rollStarted(): (report: RollReport) => void;
}

const seconds = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** `lag`: records behind the end, by assigned partition; asked at each scrape. */
export function createConsumerMetrics(
  registry: Registry,
  lag: () => Promise<ReadonlyMap<number, bigint>>,
): ConsumerMetrics {
  const registers = [registry];
  const records = new Counter({
    name: "spanhouse_consumer_records_total",
    help: "Records read from the span log.",
    registers,
  });
  const bytes = new Counter({ name: "spanhouse_consumer_bytes_total", help: "Bytes of records read.", registers });
  const spans = new Counter({
    name: "spanhouse_consumer_spans_total",
    help: "Spans written, repeated ones included.",
    registers,
  });
  const open = new Counter({
    name: "spanhouse_consumer_open_spans_total",
    help: "Spans announced before their end.",
    registers,
  });
  const closed = new Counter({
    name: "spanhouse_consumer_closed_instances_total",
    help: "SDK instances that said how many spans they sent.",
    registers,
  });
  const letters = new Counter({
    name: "spanhouse_dead_letters_total",
    help: "Records and spans that can never be stored, by error code.",
    labelNames: ["code"],
    registers,
  });
  const rowsRead = new Counter({
    name: "spanhouse_consumer_rows_read_total",
    help: "Rows of spans read back because their traces were not known whole.",
    registers,
  });
  const flushTime = new Histogram({
    name: "spanhouse_flush_seconds",
    help: "From a batch to its marked rows.",
    buckets: seconds,
    registers,
  });
  const rollTime = new Histogram({
    name: "spanhouse_roll_seconds",
    help: "One recomputation of slices.",
    buckets: seconds,
    registers,
  });
  const slices = new Counter({ name: "spanhouse_slices_total", help: "Slices recomputed.", registers });
  const lost = new Counter({
    name: "spanhouse_commits_refused_total",
    help: "Rolls whose assignment had changed.",
    registers,
  });
  const endToEnd = new Histogram({
    name: "spanhouse_end_to_end_seconds",
    help: "From the record's timestamp to its rows in the store; the oldest record of each flush.",
    buckets: [...seconds, 60, 300, 3600],
    registers,
  });
  new Gauge({
    name: "spanhouse_lag_records",
    help: "Records behind the end of the partition.",
    labelNames: ["partition"],
    registers,
    async collect() {
      this.reset();
      for (const [partition, behind] of await lag()) this.set({ partition }, Number(behind));
    },
  });

  return {
    flushStarted(batch) {
      const stop = flushTime.startTimer();
      records.inc(batch.length);
      bytes.inc(batch.reduce((sum, { value }) => sum + value.length, 0));
      const oldest = batch.reduce((least, { timestamp }) => Math.min(least, timestamp), Number.POSITIVE_INFINITY);
      return (report) => {
        stop();
        endToEnd.observe(Math.max(0, (Date.now() - oldest) / 1000));
        spans.inc(report.spans);
        open.inc(report.open);
        closed.inc(report.closed);
        rowsRead.inc(report.rowsRead);
        for (const { headers } of report.letters) letters.inc({ code: headers[deadLetterHeader.code] ?? "" });
      };
    },
    rollStarted() {
      const stop = rollTime.startTimer();
      return (report) => {
        stop();
        slices.inc(report.slices);
        if (!report.committed) lost.inc();
      };
    },
  };
}
