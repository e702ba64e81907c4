import { useMutation } from "@tanstack/react-query";
import { useId, useState } from "react";
import { answered, api } from "../api/client.ts";
import { plural } from "../format/count.ts";
import { dayAndClock } from "../format/time.ts";
import { ProblemView } from "../layout/problem-view.tsx";

/** Of at most 14, as the API allows. */
const stretches = [1, 7, 14] as const;
const dayMs = 86_400_000;

interface RuleTrialProps {
  readonly name: string;
  readonly rule: string;
}

/** When the rule in the form would have fired, by what is stored now. Sends and changes nothing; a key of scope read may. */
export function RuleTrial({ name, rule }: RuleTrialProps) {
  const id = useId();
  const [days, setDays] = useState<number>(stretches[0]);
  const trial = useMutation({
    async mutationFn() {
      const from = `${new Date(Date.now() - days * dayMs).toISOString().slice(0, 19)}Z`;
      const body = { rule, from, ...(name.trim() !== "" && { name: name.trim() }) };
      return { days, ...(await answered(api.POST("/v1/alert-rules/preview", { body }))) };
    },
  });
  const tried = trial.data;
  return (
    <>
      <p className="rule-trial">
        <label htmlFor={id}>Try it on the last </label>
        <select id={id} className="field" value={days} onChange={(event) => setDays(Number(event.target.value))}>
          {stretches.map((one) => (
            <option key={one} value={one}>
              {plural(one, "day")}
            </option>
          ))}
        </select>
        <button
          type="button"
          className="button"
          disabled={rule.trim() === "" || trial.isPending}
          onClick={() => trial.mutate()}
        >
          {trial.isPending ? "Trying …" : "When would it have fired?"}
        </button>
      </p>
      {trial.error && <ProblemView error={trial.error} />}
      <div role="status" className="settings-list">
        {tried && (
          <p>
            {tried.episodes.length === 0 ? "It would not have fired" : `It would have fired ${times(tried.episodes)}`}{" "}
            in the last {plural(tried.days, "day")}, by what is stored now.
          </p>
        )}
        {tried && tried.episodes.length > 0 && (
          <table>
            <thead>
              <tr>
                {["Fired", "Over", "Why"].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tried.episodes.map(({ group, summary, fired_at, resolved_at }) => (
                <tr key={`${fired_at} ${JSON.stringify(group)}`}>
                  <td>{dayAndClock(fired_at)}</td>
                  <td>{resolved_at === null ? "not yet" : dayAndClock(resolved_at)}</td>
                  <td>{summary}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )}
      </div>
    </>
  );
}

const times = ({ length }: readonly unknown[]): string => (length === 1 ? "once" : plural(length, "time"));
