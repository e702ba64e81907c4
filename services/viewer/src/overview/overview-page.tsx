import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { count, percent, plural, shortCount } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { money, moneyOf, picoDollars } from "../format/money.ts";
import { EmptyState, HowToSend } from "../layout/empty-state.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { timeRange } from "../time/time-range.ts";
import { TimeRangePicker } from "../time/time-range-picker.tsx";
import { useNow } from "../time/use-now.ts";
import { Change } from "./change.tsx";
import { Chart, type Series } from "./chart.tsx";
import { DeliveryHealth } from "./delivery-health.tsx";
import { costByModelQuery, latencyQuery, type Metrics, spendQuery } from "./metrics-queries.ts";
import { Movers } from "./movers.tsx";
import { intervalStarts, sumsAt, valuesAt } from "./points.ts";
import { Tile } from "./tile.tsx";

const route = getRouteApi("/");
const minute = 60_000;

export function OverviewPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const range = timeRange(search, useNow(minute));
  const spend = useQuery(spendQuery(range));
  const byModel = useQuery(costByModelQuery(range));
  const latency = useQuery(latencyQuery(range));

  const error = spend.error ?? byModel.error ?? latency.error;
  const zoom = (from: number, to: number) =>
    void navigate({ search: { from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString() } });
  const pick = (filter: Readonly<Record<string, string>>) => (from: number, to: number) =>
    void navigate({
      to: "/traces",
      search: { from: new Date(from * 1000).toISOString(), to: new Date(to * 1000).toISOString(), ...filter },
    });
  const nothing = spend.data && spend.data.groups.length === 0;
  return (
    <div className="page">
      <header className="page-head">
        <h1>Overview</h1>
        <span className="push" />
        <TimeRangePicker search={search} range={range} onChange={(next) => void navigate({ search: next })} />
      </header>
      {error && !spend.data ? (
        <ProblemView error={error} retry={() => void spend.refetch()} />
      ) : nothing ? (
        <EmptyState title="No model was called in this time">
          <p>Choose a longer time above, or send spans.</p>
          <HowToSend />
        </EmptyState>
      ) : (
        <>
          <Tiles {...{ zoom, pick }} spend={spend.data} byModel={byModel.data} latency={latency.data} />
          <Movers range={range} search={search} />
        </>
      )}
      <DeliveryHealth />
    </div>
  );
}

interface TilesProps {
  readonly spend: Metrics | undefined;
  readonly byModel: Metrics | undefined;
  readonly latency: Metrics | undefined;
  readonly zoom: (from: number, to: number) => void;
  readonly pick: (filter: Readonly<Record<string, string>>) => (from: number, to: number) => void;
}

const colours = ["--series-1", "--series-2", "--series-3", "--series-4", "--series-5"] as const;
const dollars = (value: number) => (value === 0 ? "$0" : moneyOf(BigInt(Math.round(value * 1e12))));

function Tiles({ spend, byModel, latency, zoom, pick }: TilesProps) {
  const starts = useMemo(() => (spend ? intervalStarts(spend) : []), [spend]);
  const group = spend?.groups[0];
  const totals = group?.totals ?? {};
  const before = group?.previous?.totals ?? {};
  const points = group?.points ?? [];
  const slow = latency?.groups[0];
  const slowStarts = useMemo(() => (latency ? intervalStarts(latency) : []), [latency]);

  const series = useMemo(
    () => ({
      cost: costSeries(byModel, starts),
      calls: [
        { label: "calls", values: sumsAt(points, starts, "calls"), colour: "--series-5", kind: "bar" },
      ] satisfies Series[],
      latency: [
        {
          label: "p95",
          values: valuesAt(slow?.points ?? [], slowStarts, "p95_duration_us"),
          colour: "--series-3",
          kind: "line",
        },
        {
          label: "p50",
          values: valuesAt(slow?.points ?? [], slowStarts, "p50_duration_us"),
          colour: "--series-2",
          kind: "line",
        },
      ] satisfies Series[],
      errors: [
        { label: "of calls", values: valuesAt(points, starts, "error_rate"), colour: "--bad", kind: "bar" },
      ] satisfies Series[],
      refusals: (["explicit", "filtered", "suspected"] as const).map(
        (kind, at): Series => ({
          label: kind,
          values: valuesAt(points, starts, `${kind}_refusal_rate`),
          colour: (["--refused", "--series-4", "--series-other"] as const)[at]!,
          kind: "bar",
        }),
      ),
      wasted: [
        { label: "wasted", values: sumsAt(points, starts, "wasted_cost"), colour: "--series-3", kind: "bar" },
      ] satisfies Series[],
    }),
    [byModel, points, starts, slow, slowStarts],
  );
  const acts = (filter: Readonly<Record<string, string>>) => ({ onZoom: zoom, onPick: pick(filter) });
  const rate = (name: string) => Number(totals[name] ?? 0);
  const figure = (text: string | undefined) => (spend ? (text ?? "–") : " ");
  const unpriced = Number(totals.unpriced_calls ?? 0) + Number(totals.unknown_usage_calls ?? 0);
  const p95 = slow?.totals.p95_duration_us;
  return (
    <div className="tiles" aria-busy={!spend}>
      <Tile
        title="Cost"
        figure={figure(money(String(totals.cost ?? "0")))}
        change={<Change now={totals.cost} before={before.cost} of="money" />}
        note={
          <>
            {unpriced > 0 && <span className="warning">{plural(unpriced, "call")} without a price. </span>}
            {picoDollars(String(totals.estimated_cost ?? "0")) > 0n &&
              `And ~${money(String(totals.estimated_cost))} estimated.`}
          </>
        }
      >
        <Chart label="Cost by model over time" {...{ starts }} series={series.cost} format={dollars} {...acts({})} />
      </Tile>
      <Tile
        title="Calls"
        figure={figure(count(Number(totals.calls ?? 0)))}
        change={<Change now={totals.calls} before={before.calls} of="number" />}
        note={`${shortCount(Number(totals.input_tokens ?? 0))} tokens in, ${percent(rate("cache_hit_rate"))} of them cached; ${shortCount(Number(totals.output_tokens ?? 0))} out`}
      >
        <Chart label="Calls over time" {...{ starts }} series={series.calls} format={shortCount} {...acts({})} />
      </Tile>
      <Tile
        title="Latency, p95"
        figure={figure(p95 == null ? undefined : duration(Number(p95)))}
        change={<Change now={p95} before={slow?.previous?.totals.p95_duration_us} of="number" worse />}
        note={latency?.utc_days ? "Over more than seven days: of whole UTC days." : null}
      >
        <Chart
          label="Duration of calls over time"
          starts={slowStarts}
          series={series.latency}
          format={duration}
          {...acts({ sort: "duration" })}
        />
      </Tile>
      <Tile
        title="Errors"
        figure={figure(percent(rate("error_rate")))}
        change={<Change now={totals.error_rate} before={before.error_rate} of="rate" worse />}
      >
        <Chart
          label="Rate of errors over time"
          {...{ starts }}
          series={series.errors}
          format={percent}
          {...acts({ outcome: "error" })}
        />
      </Tile>
      <Tile
        title="Refusals"
        figure={figure(percent(rate("explicit_refusal_rate") + rate("filtered_refusal_rate")))}
        change={
          <Change
            now={rate("explicit_refusal_rate") + rate("filtered_refusal_rate")}
            before={
              before.explicit_refusal_rate == null
                ? null
                : Number(before.explicit_refusal_rate) + Number(before.filtered_refusal_rate)
            }
            of="rate"
            worse
          />
        }
        note={`And ${percent(rate("suspected_refusal_rate"))} suspected by their words alone.`}
      >
        <Chart
          label="Rate of refusals over time"
          {...{ starts }}
          series={series.refusals}
          format={percent}
          {...acts({ outcome: "refused" })}
        />
      </Tile>
      <Tile
        title="Wasted"
        figure={figure(money(String(totals.wasted_cost ?? "0")))}
        change={<Change now={totals.wasted_cost} before={before.wasted_cost} of="money" worse />}
        note={`Spent on calls that failed, were aborted or cut. The cache saved ${money(String(totals.cache_savings ?? "0"))}.`}
      >
        <Chart label="Wasted cost over time" {...{ starts }} series={series.wasted} format={dollars} {...acts({})} />
      </Tile>
    </div>
  );
}

function costSeries(byModel: Metrics | undefined, starts: readonly number[]): readonly Series[] {
  if (!byModel) return [];
  const models = byModel.groups.map(
    ({ key, points }, at): Series => ({
      label: key.response_model || "(no model)",
      values: sumsAt(points, starts, "cost"),
      colour: colours[at % colours.length]!,
      kind: "bar",
    }),
  );
  if (!byModel.other) return models;
  return [
    ...models,
    { label: "other", values: sumsAt(byModel.other.points, starts, "cost"), colour: "--series-other", kind: "bar" },
  ];
}
