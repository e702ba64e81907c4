import { useQuery } from "@tanstack/react-query";
import { answered, api } from "../api/client.ts";
import { dayAndClock } from "../format/time.ts";
import { AdminList } from "../settings/admin-list.tsx";

/** The rules in force and how their last evaluation went. They are changed by command, API or file. */
export function AlertRules() {
  const query = useQuery({
    queryKey: ["alert-rules"],
    queryFn: ({ signal }) => answered(api.GET("/v1/alert-rules", { signal })),
  });
  return (
    <section className="panel">
      <h2>Rules</h2>
      <AdminList
        label="Rules"
        query={query}
        rows={({ rules }) => rules}
        head={["name", "signal", "condition", "window", "groups firing", "evaluated to"]}
        none="No rules."
        keyOf={({ name }) => name}
        cells={({ name, rule, firing, evaluated_to, problem }) => [
          name,
          rule.signal,
          rule.condition.kind,
          rule.window,
          String(firing),
          problem !== "" ? (
            <span key="problem" className="warning">
              {problem}
            </span>
          ) : evaluated_to === null ? (
            "not yet"
          ) : (
            dayAndClock(evaluated_to)
          ),
        ]}
      />
    </section>
  );
}
