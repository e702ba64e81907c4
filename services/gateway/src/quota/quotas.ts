import type { ProjectLimits, ProjectLimitsTable } from "@spanhouse/store/limits/project-limits";
import type { ProjectUsage, QuotaUsage } from "@spanhouse/store/limits/quota-usage";
import { type Failure, failed } from "../failure.ts";
import { createRateBucket } from "./rate-bucket.ts";
import { createTraceQuota, type TraceQuota } from "./trace-quota.ts";

/**
 * What projects may send. Admission only: nothing here enters a figure of spend. While ClickHouse is down, what was known
 * last goes on to hold, and what is let in is reported later.
 */
export interface Quotas {
  /** A request, before it is decoded. Its failure is the answer; an admission is to be settled once it is answered. */
  admit(project: string, request: { readonly spans: number; readonly bytes: number }): Promise<Admitted | Failure>;
  /** The distinct traces of a request that may not pass. */
  refusedTraces(project: string, traceIds: Iterable<string>): ReadonlySet<string>;
  /** The failure of a request of which no trace may pass, and the reason of each rejected span otherwise. */
  quotaFailure(project: string): Failure;
  /** Reports what was let in; afterwards no timer runs. */
  close(): Promise<void>;
}

export interface Admitted {
  readonly kind: "admitted";
  /** How many spans were accepted; of none, what was taken of the rates is given back. */
  settle(acceptedSpans: number): void;
}

export interface QuotaParts {
  readonly table: Pick<ProjectLimitsTable, "all">;
  readonly usage: QuotaUsage;
  /** Of projects without limits of their own. */
  readonly usual: ProjectLimits;
  /** Of this run of this gateway, unlike any other. */
  readonly gateway: string;
  /** Limits changed, and what other gateways let in, are known after at most about this long. */
  readonly refreshMs: number;
  /** Unix milliseconds. */
  readonly now: () => number;
  readonly uptime: () => number;
  readonly log: (message: string, error: unknown) => void;
}

interface ProjectState {
  readonly spanBucket: ReturnType<typeof createRateBucket>;
  readonly byteBucket: ReturnType<typeof createRateBucket>;
  month: string;
  traces: TraceQuota;
  spans: number;
  bytes: number;
  /** Of all gateways, as read last. */
  gateways: number;
  /** Something was let in since the last report. */
  changed: boolean;
}

export const quotaRefreshMs = 2_000;

export function createQuotas({ table, usage, usual, gateway, refreshMs, now, uptime, log }: QuotaParts): Quotas {
  const states = new Map<string, ProjectState>();
  let own: ReadonlyMap<string, ProjectLimits> = new Map();
  let read: ReadonlyMap<string, ProjectUsage> = new Map();
  let readMonth = "";
  let failing = false;

  const limitsOf = (project: string): ProjectLimits => own.get(project) ?? usual;

  function stateOf(project: string): ProjectState {
    let state = states.get(project);
    if (state === undefined) {
      state = {
        ...{ spanBucket: createRateBucket(uptime), byteBucket: createRateBucket(uptime) },
        ...{ month: monthOf(now()), traces: createTraceQuota(), spans: 0, bytes: 0, gateways: 1, changed: false },
      };
      states.set(project, state);
      heed(state, read.get(project), []);
    }
    if (state.month !== monthOf(now())) {
      Object.assign(state, { month: monthOf(now()), traces: createTraceQuota(), spans: 0, bytes: 0 });
    }
    return state;
  }

  function heed(state: ProjectState, stored: ProjectUsage | undefined, ids: readonly string[]): void {
    if (readMonth === state.month) state.traces.reported(ids, stored?.traces ?? 0);
    state.gateways = Math.max(1, stored?.gateways ?? 1);
  }

  /** Reports what this gateway let in, then reads what all did. */
  async function exchange(): Promise<void> {
    const month = monthOf(now());
    try {
      const changed = [...states].filter(([, state]) => state.changed && state.month === month);
      const reports = changed.map(([project, state]) => {
        state.changed = false;
        const { spans, bytes } = state;
        return { ...{ project, month, gateway, spans, bytes }, traces: state.traces.unreported(), state };
      });
      try {
        await usage.report(reports);
      } catch (error) {
        for (const { state } of reports) state.changed = true;
        throw error;
      }
      own = await table.all();
      const limited = own.size > 0 || Object.values(usual).some((limit) => limit !== undefined);
      read = limited ? await usage.read(month) : new Map();
      readMonth = month;
      const idsOf = new Map(reports.map(({ project, traces }) => [project, traces]));
      for (const [project, state] of states) heed(state, read.get(project), idsOf.get(project) ?? []);
      failing = false;
    } catch (error) {
      if (!failing) log("limits and quotas are those known last", error);
      failing = true;
    }
  }

  let exchanging: Promise<void> | undefined;
  function exchangeOnce(): Promise<void> {
    exchanging ??= exchange().finally(() => {
      exchanging = undefined;
    });
    return exchanging;
  }
  const begun = soon(exchangeOnce());
  const timer = setInterval(() => void exchangeOnce(), refreshMs);
  timer.unref();

  return {
    async admit(project, { spans, bytes }) {
      await begun;
      const { spansPerSecond, bytesPerSecond, tracesPerMonth } = limitsOf(project);
      if (spansPerSecond === undefined && bytesPerSecond === undefined && tracesPerMonth === undefined)
        return unlimited;
      const state = stateOf(project);
      if (spansPerSecond !== undefined) {
        const wait = state.spanBucket.take(spans, spansPerSecond / state.gateways);
        if (wait > 0) return failed("RATE_SPANS", `the project may send ${spansPerSecond} spans a second`, wait);
      }
      if (bytesPerSecond !== undefined) {
        const wait = state.byteBucket.take(bytes, bytesPerSecond / state.gateways);
        if (wait > 0) {
          state.spanBucket.giveBack(spansPerSecond === undefined ? 0 : spans);
          return failed("RATE_BYTES", `the project may send ${bytesPerSecond} bytes a second`, wait);
        }
      }
      return {
        kind: "admitted",
        settle(acceptedSpans) {
          if (acceptedSpans > 0) {
            state.spans += acceptedSpans;
            state.bytes += bytes;
            state.changed = true;
          } else {
            state.spanBucket.giveBack(spans);
            state.byteBucket.giveBack(bytes);
          }
        },
      };
    },

    refusedTraces(project, traceIds) {
      const refused = new Set<string>();
      const { tracesPerMonth } = limitsOf(project);
      if (tracesPerMonth === undefined) return refused;
      const state = stateOf(project);
      for (const id of new Set(traceIds)) if (!state.traces.admit(id, tracesPerMonth)) refused.add(id);
      return refused;
    },

    quotaFailure(project) {
      const { tracesPerMonth } = limitsOf(project);
      const [end, seconds] = monthEnd(now());
      const message = `the project's ${tracesPerMonth} traces of this month are used; the next begins at ${end}`;
      return failed("QUOTA_TRACES", message, seconds);
    },

    async close() {
      clearInterval(timer);
      await exchanging;
      await exchangeOnce();
    },
  };
}

/** Limits hold from the first request on, unless ClickHouse does not answer: then requests wait no longer than this. */
const patienceMs = 2_000;

async function soon(exchange: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([
    exchange,
    new Promise((resolve) => {
      timer = setTimeout(resolve, patienceMs);
    }),
  ]);
  clearTimeout(timer);
}

const unlimited: Admitted = { kind: "admitted", settle: () => undefined };

/** `YYYY-MM-01`, UTC. */
export function monthOf(unixMs: number): string {
  return `${new Date(unixMs).toISOString().slice(0, 7)}-01`;
}

/** When the next month begins, and in how many seconds. */
function monthEnd(unixMs: number): [string, number] {
  const at = new Date(unixMs);
  const end = Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1);
  return [new Date(end).toISOString().replace(".000", ""), (end - unixMs) / 1000];
}
