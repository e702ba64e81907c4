import { Link } from "@tanstack/react-router";
import type { components } from "../api/openapi.d.ts";
import { percent } from "../format/count.ts";
import { dayAndClock } from "../format/time.ts";

type Episode = components["schemas"]["AlertEpisode"];

/** An alert from when it fired: what it says, the traces that show it best, what explains most of the change. */
export function EpisodeView({ episode, named }: { readonly episode: Episode; readonly named: boolean }) {
  const { rule, group, summary, fired_at, resolved_at, settled, evidence, notifications } = episode;
  const labels = Object.entries(group).filter(([, value]) => value !== "");
  return (
    <article className={named ? "panel episode named" : "panel episode"} aria-current={named || undefined}>
      <h2>
        <span className={resolved_at === null ? "warning" : "muted"}>
          {resolved_at === null ? `${episode.severity}, firing` : "resolved"}
        </span>{" "}
        {rule}
      </h2>
      <p>{summary}</p>
      <dl className="numbers">
        <Fact name="Fired">{dayAndClock(fired_at)}</Fact>
        {resolved_at !== null && <Fact name="Resolved">{dayAndClock(resolved_at)}</Fact>}
        <Fact name="Value">{figure(episode.value)}</Fact>
        <Fact name="Expected">{figure(episode.expected)}</Fact>
        {labels.map(([dimension, value]) => (
          <Fact key={dimension} name={dimension}>
            {value}
          </Fact>
        ))}
      </dl>
      {!settled && <p className="muted">Evaluated before all spans of its minute were known to be there.</p>}
      {evidence.traces.length > 0 && (
        <>
          <h3>Traces that show it</h3>
          <ul>
            {evidence.traces.map(({ trace_id, name, why }) => (
              <li key={trace_id}>
                <Link to="/traces/$traceId" params={{ traceId: trace_id }}>
                  {name || trace_id}
                </Link>{" "}
                <span className="muted">{why}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {evidence.contributions.length > 0 && (
        <>
          <h3>What explains most of the change</h3>
          <ul>
            {evidence.contributions.map(({ dimension, value, share }) => (
              <li key={`${dimension} ${value}`}>
                {dimension} {value || "(none)"} <span className="muted">{percent(share)}</span>
              </li>
            ))}
          </ul>
        </>
      )}
      {notifications.map(({ receiver, event, sent_at, problem }) => (
        <p key={`${receiver} ${event}`} className={sent_at === null && problem !== "" ? "warning" : "muted"}>
          {receiver}: {event}{" "}
          {sent_at === null ? `not told yet${problem && `: ${problem}`}` : `told ${dayAndClock(sent_at)}`}
        </p>
      ))}
    </article>
  );
}

const figure = (value: number | null): string =>
  value === null ? "none" : value.toLocaleString("en-GB", { maximumSignificantDigits: 4 });

function Fact({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
