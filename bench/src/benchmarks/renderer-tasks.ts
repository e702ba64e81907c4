import type { Buffer } from "node:buffer";

interface TraceEvent {
  readonly name: string;
  readonly ph: string;
  readonly pid: number;
  readonly tid: number;
  /** µs */
  readonly dur?: number;
  readonly args?: { readonly name?: string };
}

const taskNames = new Set(["RunTask", "ThreadControllerImpl::RunTask"]);

/** Tasks of 1 ms and more of the page's main thread in a trace of Chromium's, ms: shorter ones are not felt. */
export function rendererTasks(trace: Buffer): readonly number[] {
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: readonly TraceEvent[] };
  const mains = new Set(
    traceEvents
      .filter(({ name, args }) => name === "thread_name" && args?.name === "CrRendererMain")
      .map(({ pid, tid }) => `${pid}/${tid}`),
  );
  const tasks = traceEvents.filter(
    ({ name, ph, pid, tid }) => ph === "X" && taskNames.has(name) && mains.has(`${pid}/${tid}`),
  );
  if (tasks.length === 0) throw new Error("the trace of the page holds no task: nothing was measured");
  return tasks.map(({ dur = 0 }) => dur / 1000).filter((ms) => ms >= 1);
}

export function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}

export const median = (values: readonly number[]): number => percentile(values, 0.5);
