import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answered, api } from "../api/client.ts";
import { dayAndClock } from "../format/time.ts";
import { AdminList } from "../settings/admin-list.tsx";
import { AlertRuleForm, type EditedRule } from "./alert-rule-form.tsx";

/** The rules in force, how their last evaluation went, and a form for one more or the next version of one. */
export function AlertRules() {
  const [edited, setEdited] = useState<EditedRule>({ name: "", rule: "" });
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
        head={["name", "signal", "condition", "window", "groups firing", "evaluated to", "change"]}
        none="No rules."
        keyOf={({ name }) => name}
        cells={({ name, rule, version, firing, evaluated_to, problem }) => [
          `${name}@v${version}`,
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
          <button
            key="edit"
            type="button"
            className="button"
            onClick={() => setEdited({ name, rule: JSON.stringify(rule, null, 2) })}
          >
            Edit<span className="unseen"> {name}</span>
          </button>,
        ]}
      />
      <AlertRuleForm edited={edited} onEdit={setEdited} />
    </section>
  );
}
