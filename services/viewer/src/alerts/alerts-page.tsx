import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { answered, api } from "../api/client.ts";
import { plural } from "../format/count.ts";
import { EmptyState } from "../layout/empty-state.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { AlertRules } from "./alert-rules.tsx";
import "./alerts-page.css";
import { EpisodeView } from "./episode-view.tsx";

const route = getRouteApi("/alerts");
const everyMs = 30_000;

/** What fires and what fired, each with why, and the rules; `episode` is the one that a notification led to. */
export function AlertsPage() {
  const { episode } = route.useSearch();
  const { data, error, refetch } = useQuery({
    queryKey: ["alerts"],
    queryFn: ({ signal }) => answered(api.GET("/v1/alerts", { signal })),
    refetchInterval: everyMs,
  });
  const episodes = data?.episodes ?? [];
  const firing = episodes.filter(({ resolved_at }) => resolved_at === null).length;
  return (
    <div className="page alerts">
      <header className="page-head">
        <h1>Alerts</h1>
        {data && (
          <span className={firing > 0 ? "warning" : "muted"}>{firing > 0 ? `${firing} firing` : "none fires"}</span>
        )}
      </header>
      {error ? (
        <ProblemView error={error} retry={() => void refetch()} />
      ) : !data ? (
        <p className="muted" aria-busy="true">
          Reading …
        </p>
      ) : episodes.length === 0 ? (
        <EmptyState title="Nothing has fired in 30 days">
          <p>Rules are written in YAML, or set by command:</p>
          <pre>spanhouse alerts set NAME --file rule.yaml --reason TEXT</pre>
        </EmptyState>
      ) : (
        <>
          {episode !== undefined && !episodes.some((one) => one.episode === episode) && (
            <p className="warning">The alert of that address is not among the last {plural(episodes.length, "one")}.</p>
          )}
          <ol className="alerts-episodes">
            {[...episodes]
              .sort((a, b) => Number(b.episode === episode) - Number(a.episode === episode))
              .map((one) => (
                <li key={one.episode}>
                  <EpisodeView episode={one} named={one.episode === episode} />
                </li>
              ))}
          </ol>
        </>
      )}
      <AlertRules />
    </div>
  );
}
