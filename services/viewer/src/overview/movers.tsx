import { useQueries } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { count } from "../format/count.ts";
import { money, moneyOf, picoDollars } from "../format/money.ts";
import type { TimeRange, TimeSearch } from "../time/time-range.ts";
import { changeOf } from "./change.tsx";
import { moverDimensions, moversQuery } from "./metrics-queries.ts";
import "./movers.css";

interface Mover {
  readonly dimension: (typeof moverDimensions)[number];
  readonly value: string;
  readonly cost: string;
  readonly before: string;
  readonly by: bigint;
  readonly calls: number;
  readonly callsBefore: number;
}

const words = {
  response_model: "model",
  feature: "feature",
  service: "service",
  prompt: "prompt",
  error_class: "error",
} as const;

const shown = 8;

/** What cost changed by most since the period before, whatever it is called by. */
export function Movers({ range, search }: { readonly range: TimeRange; readonly search: TimeSearch }) {
  const answers = useQueries({ queries: moverDimensions.map((dimension) => moversQuery(range, dimension)) });
  const movers = answers
    .flatMap(({ data }, at) => (data?.groups ?? []).map((group) => moverOf(moverDimensions[at]!, group)))
    .filter(
      ({ value, by, calls, callsBefore }) => value !== "" && value !== "none" && (by !== 0n || calls !== callsBefore),
    )
    .sort(
      (a, b) =>
        Number(absolute(b.by) - absolute(a.by)) ||
        Math.abs(b.calls - b.callsBefore) - Math.abs(a.calls - a.callsBefore),
    )
    .slice(0, shown);
  return (
    <section className="movers panel" aria-labelledby="movers">
      <h2 id="movers">What changed most</h2>
      {movers.length === 0 ? (
        <p className="muted movers-none">
          {answers.some(({ isPending }) => isPending) ? "…" : "Nothing: it is as the period before."}
        </p>
      ) : (
        <div className="movers-scroll" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">What</th>
                <th scope="col" className="number">
                  Cost
                </th>
                <th scope="col" className="number">
                  Before
                </th>
                <th scope="col" className="number">
                  Change
                </th>
                <th scope="col" className="number">
                  Calls
                </th>
                <th scope="col" className="number">
                  Before
                </th>
              </tr>
            </thead>
            <tbody>
              {movers.map((mover) => (
                <tr key={mover.dimension + mover.value}>
                  <th scope="row">
                    <span className="muted">{words[mover.dimension]}</span>{" "}
                    <Link to="/traces" search={{ ...search, [mover.dimension]: mover.value }}>
                      {mover.value}
                    </Link>
                  </th>
                  <td>{money(mover.cost)}</td>
                  <td className="muted">{money(mover.before)}</td>
                  <td className="movers-by">
                    {mover.by > 0n ? "+" : ""}
                    {moneyOf(mover.by)} <span className="muted">{relative(mover)}</span>
                  </td>
                  <td>{count(mover.calls)}</td>
                  <td className="muted">{count(mover.callsBefore)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

type MetricsGroup =
  NonNullable<ReturnType<typeof moversQuery>["queryFn"]> extends (...args: never) => infer Answer
    ? Awaited<Answer> extends { groups: (infer Group)[] }
      ? Group
      : never
    : never;

function moverOf(dimension: Mover["dimension"], { key, totals, previous }: MetricsGroup): Mover {
  const cost = String(totals.cost ?? "0");
  const before = String(previous?.totals.cost ?? "0");
  return {
    ...{ dimension, cost, before },
    value: key[dimension] ?? "",
    by: picoDollars(cost) - picoDollars(before),
    calls: Number(totals.calls ?? 0),
    callsBefore: Number(previous?.totals.calls ?? 0),
  };
}

function relative({ cost, before }: Mover): string {
  const share = changeOf(cost, before, "money");
  if (share === undefined) return "new";
  return `${share < 0 ? "−" : "+"}${Math.abs(share * 100).toFixed(0)}%`;
}

const absolute = (value: bigint) => (value < 0n ? -value : value);
