/** One project's traces of one month, as one gateway knows them. */
export interface TraceQuota {
  /** Whether a span of the trace may pass; a trace that passed once goes on passing while it is remembered. */
  admit(traceId: string, limit: number): boolean;
  /** Ids admitted and not yet acknowledged as reported, at most `reportedAtOnce`. */
  unreported(): readonly string[];
  /** These are in the store, where by now `stored` traces of all gateways are counted. */
  reported(ids: readonly string[], stored: number): void;
}

/** The oldest are forgotten: then a span of such a trace asks again, and counts once all the same. */
const rememberedTraces = 100_000;
const reportedAtOnce = 20_000;

export function createTraceQuota(): TraceQuota {
  const remembered = new Set<string>();
  const fresh = new Set<string>();
  let counted = 0;
  /**
   * The greatest limit that refused a trace; what was refused in a month stays refused. Without it a trace that another
   * gateway reported while it was still fresh here, and so counted twice, would open what it had shut.
   */
  let reached = 0;

  return {
    admit(traceId, limit) {
      if (remembered.has(traceId)) return true;
      if (limit <= reached) return false;
      if (counted + fresh.size >= limit) {
        reached = limit;
        return false;
      }
      fresh.add(traceId);
      remembered.add(traceId);
      if (remembered.size > rememberedTraces) remembered.delete(remembered.values().next().value!);
      return true;
    },
    unreported: () => Array.from(fresh).slice(0, reportedAtOnce),
    reported(ids, stored) {
      for (const id of ids) fresh.delete(id);
      counted = Math.max(counted, stored);
    },
  };
}
