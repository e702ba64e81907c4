import { setTimeout as sleep } from "node:timers/promises";
import type { Tracer } from "@opentelemetry/api";
import { severities } from "@spanhouse/schemas/api/alerts";
import { type AlertEvent, createAlertEvents } from "@spanhouse/store/alerts/alert-events";
import { createAlertProgress } from "@spanhouse/store/alerts/alert-progress";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import type { Lease } from "@spanhouse/store/leases";
import { createProjectReader, type ReadLimits } from "@spanhouse/store/readers/project-reader";
import { createRuleHistory } from "@spanhouse/store/rule-history";
import { traced } from "@spanhouse/store/traced";
import { inSpan } from "@spanhouse/tracing/in-span";
import type { AlertBody } from "./alert-body.ts";
import type { AlertsFile } from "./alerts-file.ts";
import { dueMinutes, type Waiting } from "./due-minutes.ts";
import type { AlertsMetrics } from "./metrics.ts";
import { createReceiver } from "./notifications/receiver.ts";
import { createSender } from "./notifications/sender.ts";
import { evaluateRule, type WatchedRule } from "./rule-evaluation.ts";
import { createRulesInForce } from "./rules-in-force.ts";
import type { Watermark } from "./watermark.ts";

export interface AlertsParts {
  /** May write. */
  readonly clickhouse: ClickHouse;
  /** The same database as a user who may only read: rules ask as their project's users do. */
  readonly reader: ClickHouse;
  readonly limits: ReadLimits;
  readonly file: AlertsFile;
  readonly watermark: Watermark;
  readonly lease: Lease;
  readonly waiting: Waiting;
  /** Between two looks at what is due, ms. */
  readonly tickMs: number;
  readonly viewerUrl: string | undefined;
  readonly metrics: AlertsMetrics;
  readonly tracer: Tracer;
  /** Unix ms. */
  readonly now: () => number;
  readonly log: (message: string, detail: Readonly<Record<string, unknown>>) => void;
}

export interface Alerts {
  /** Works until `stop`. What fails is logged, counted and tried again. */
  run(): Promise<void>;
  /** Finishes the evaluation in hand and lets the lease go. */
  stop(): Promise<void>;
}

const remindEveryMs = 60_000;

/** Rules → evaluation → notifications: each tick of the replica that holds the lease. */
export function createAlerts(parts: AlertsParts): Alerts {
  const { limits, file, watermark, lease, waiting, metrics, tracer, now, log } = parts;
  const [clickhouse, reader] = [traced(parts.clickhouse, tracer), traced(parts.reader, tracer)];
  const events = createAlertEvents<AlertBody>(clickhouse);
  const progress = createAlertProgress(clickhouse);
  const rules = createRulesInForce(createRuleHistory(clickhouse, "alert_rules"), file.rules, log);
  const sender = createSender({
    ...{ events, lease, viewerUrl: parts.viewerUrl, now },
    receivers: file.receivers.map((config) => createReceiver(config, { now })),
    settled: ({ receiver, outcome }) => metrics.notifications.inc({ receiver, outcome }),
  });
  const evaluation = { events, progress, receivers: file.receivers.map(({ name }) => name), log };
  const stopping = new AbortController();
  let ended: Promise<void> | undefined;
  let reminded = 0;

  async function tick(): Promise<void> {
    const leads = await lease.hold();
    metrics.leads.set(leads ? 1 : 0);
    if (!leads) return;
    await evaluateDue();
    await sender.sendPending();
    if (now() - reminded < remindEveryMs) return;
    reminded = now();
    await sender.remind();
  }

  async function evaluateDue(): Promise<void> {
    const [watched, known, open, rolled] = await Promise.all([
      rules.read(),
      progress.read(),
      events.open(),
      watermark(),
    ]);
    const names = new Set(watched.map(({ project, name }) => `${project} ${name}`));
    const left = open.filter(({ project, rule }) => !names.has(`${project} ${rule}`));
    await events.append(left.map((event) => withdrawn(event, Math.floor(now() / 1000))));
    let behind = 0;
    for (const one of watched) {
      const of = <T extends { readonly project: string; readonly rule: string }>(row: T) =>
        row.project === one.project && row.rule === one.name;
      const standing = { progress: known.find(of), open: open.filter(of) };
      const evaluatedTo = standing.progress?.evaluatedTo;
      const due = dueMinutes(waiting, { watermark: rolled, now: now() / 1000, evaluatedTo });
      if (due && (await lease.hold())) await evaluate(one, due, standing);
      behind = Math.max(behind, now() / 1000 - (due?.last ?? evaluatedTo ?? now() / 1000));
    }
    metrics.behindSeconds.set(behind);
    for (const severity of severities) {
      metrics.firing.set({ severity }, open.filter(({ body }) => body.severity === severity).length);
    }
  }

  async function evaluate(
    one: WatchedRule,
    due: Parameters<typeof evaluateRule>[1],
    standing: Parameters<typeof evaluateRule>[2],
  ): Promise<void> {
    const stop = metrics.evaluationSeconds.startTimer();
    const asking = createProjectReader(reader, limits, one.project, stopping.signal);
    try {
      const found = await inSpan(tracer, "evaluate rule", { "spanhouse.project": one.project }, () =>
        evaluateRule(one, due, standing, asking, evaluation),
      );
      metrics.evaluations.inc({ outcome: due.settled ? "settled" : "unsettled" });
      for (const { project, rule, event, group } of found) log(`alert ${event}`, { project, rule, group });
    } catch (error) {
      stopping.signal.throwIfAborted();
      // The others go on; this one is tried again with the next tick, and its minutes are not lost.
      metrics.evaluations.inc({ outcome: "failed" });
      log("a rule could not be evaluated", { project: one.project, rule: one.name, error: String(error) });
      await tellProblem(one, standing.progress?.evaluatedTo ?? due.first - 60, standing.progress?.states ?? [], error);
    } finally {
      stop();
    }
  }

  async function tellProblem(
    { project, name }: WatchedRule,
    evaluatedTo: number,
    states: NonNullable<Parameters<typeof evaluateRule>[2]["progress"]>["states"],
    error: unknown,
  ): Promise<void> {
    const problem = error instanceof Error ? error.message : String(error);
    await progress.write({ project, rule: name, evaluatedTo, states, settled: true, problem });
  }

  async function loop(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        await tick();
      } catch (error) {
        if (!stopping.signal.aborted) log("nothing could be evaluated", { error: String(error) });
      }
      await sleep(parts.tickMs, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
    await lease.release().catch(() => undefined);
  }

  return {
    run() {
      ended ??= loop();
      return ended;
    },
    async stop() {
      stopping.abort();
      await ended;
    },
  };
}

/** The end of an episode whose rule is gone or was switched off. */
function withdrawn(event: AlertEvent<AlertBody>, at: number): AlertEvent<AlertBody> {
  return { ...event, event: "resolved", at: Math.floor(at / 60) * 60, body: { ...event.body, value: null } };
}
