import { useQuery } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { count, plural } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import "./delivery-health.css";

const everyMs = 60_000;
/** Seconds; a flush takes less than one where nothing is wrong. */
const late = 60;

/** Whether what is sent arrives: how far behind, what was lost, what could not be stored. */
export function DeliveryHealth() {
  const { data, error } = useQuery({
    queryKey: ["delivery-health"],
    queryFn: ({ signal }) => answered(api.GET("/v1/delivery/health", { signal })),
    refetchInterval: everyMs,
  });
  const delay = data?.stored_after_seconds;
  const letters = data?.dead_letters;
  return (
    <section className="panel delivery" aria-label="Delivery" aria-busy={!data && !error}>
      <h2>Delivery</h2>
      {error ? (
        <p className="warning">{error.message}</p>
      ) : (
        <dl className="numbers">
          <Fact
            name="Stored after"
            bad={delay != null && delay.p95 > late}
            title="From the end of a span to its row, of the last hour: median and 95 of 100"
          >
            {delay === undefined
              ? " "
              : delay === null
                ? "no span in the last hour"
                : `${seconds(delay.p50)}, p95 ${seconds(delay.p95)}`}
          </Fact>
          <Fact
            name="Lost"
            bad={(data?.lost ?? 0) > 0}
            title="Numbers of SDK instances that never came, of the last day"
          >
            {data ? (data.instances === 0 ? "no SDK numbers its spans" : count(data.lost)) : " "}
            {data && data.tail_unknown > 0 && (
              <span className="muted"> {plural(data.tail_unknown, "instance")} not closed</span>
            )}
          </Fact>
          <Fact
            name="Dead letters"
            bad={(letters ?? 0) > 0}
            title="Records that could not be stored and wait: spanhouse dlq list"
          >
            {data === undefined ? " " : letters === null ? "in their topic" : count(letters ?? 0)}
          </Fact>
        </dl>
      )}
    </section>
  );
}

const seconds = (value: number) => duration(value * 1e6);

function Fact(props: {
  readonly name: string;
  readonly bad: boolean;
  readonly title: string;
  readonly children: React.ReactNode;
}) {
  return (
    <div title={props.title}>
      <dt>{props.name}</dt>
      <dd className={props.bad ? "warning" : undefined}>{props.children}</dd>
    </div>
  );
}
