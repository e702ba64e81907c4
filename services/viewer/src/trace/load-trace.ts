import { useEffect, useReducer, useRef } from "react";
import { answered, api, type TraceSummary } from "../api/client.ts";
import { createSpanTable, type SpanTable } from "./span-table.ts";

export interface LoadedTrace {
  readonly trace: TraceSummary;
  readonly table: SpanTable;
  /** Spans that the whole tree has; `table.size` of them are here. */
  readonly treeSize: number;
  readonly syntheticRoot: boolean;
}

/** The first page is small, so that something stands there soon. */
const firstPage = 500;
/** The others come by columns, which are a third as long. */
const nextPages = 20_000;

/**
 * Reads the tree page by page. `onLoaded` is told the first page, then whenever the tree has doubled, then the whole: what
 * is computed of it is computed a dozen times at most, however large it is.
 */
export async function loadTrace(
  traceId: string,
  signal: AbortSignal,
  onLoaded: (loaded: LoadedTrace) => void,
): Promise<LoadedTrace> {
  const path = { trace_id: traceId };
  const first = await answered(
    api.GET("/v1/traces/{trace_id}", { params: { path, query: { limit: firstPage } }, signal }),
  );
  const { trace, tree_size: treeSize, synthetic_root: syntheticRoot } = first;
  const builder = createSpanTable(trace.start_time, treeSize);
  builder.append(first.spans);
  let { next_cursor: cursor } = first;
  let told = 0;
  for (;;) {
    const loaded = { trace, table: builder.table(), treeSize, syntheticRoot };
    if (cursor === null) return loaded;
    if (loaded.table.size >= told * 2) {
      onLoaded(loaded);
      told = loaded.table.size;
    }
    const query = { limit: nextPages, cursor };
    const page = await answered(api.GET("/v1/traces/{trace_id}/spans", { params: { path, query }, signal }));
    builder.appendColumns(page);
    cursor = page.next_cursor;
  }
}

interface State {
  readonly traceId: string;
  readonly loaded?: LoadedTrace;
  readonly error?: unknown;
}

/** How long after an answer a trace that is still open is asked for again. */
const againMs = 2_000;

/** The trace as far as it has come. While spans of it run it is read again and again; each reading replaces the last. */
export function useTrace(traceId: string): Omit<State, "traceId"> & { readonly retry: () => void } {
  const [state, tell] = useReducer((_: State, next: State) => next, { traceId });
  const [attempt, retry] = useReducer((count: number) => count + 1, 0);
  const shown = useRef<string>(undefined);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another attempt loads again
  useEffect(() => {
    const gone = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    async function load(): Promise<void> {
      try {
        const whole = await loadTrace(traceId, gone.signal, (loaded) => {
          // What stands there whole is not replaced by a part of its successor.
          if (shown.current !== traceId) tell({ traceId, loaded });
        });
        if (gone.signal.aborted) return;
        shown.current = traceId;
        tell({ traceId, loaded: whole });
        if (whole.trace.state === "open") timer = setTimeout(load, againMs);
      } catch (error) {
        if (!gone.signal.aborted) tell({ traceId, error });
      }
    }
    void load();
    return () => {
      gone.abort();
      clearTimeout(timer);
    };
  }, [traceId, attempt]);
  return state.traceId === traceId ? { ...state, retry } : { retry };
}
