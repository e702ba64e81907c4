import { answered, api } from "../api/client.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { ActForm, Field, textOf } from "./act-form.tsx";
import { useAct, useAdmin } from "./use-admin.ts";

const kept = {
  payloads: "Texts",
  spans: "Spans and traces",
  rollups: "Sums",
  open_spans: "Spans that never ended",
} as const;
type Kept = keyof typeof kept;

/** For how many days what is kept. */
export function RetentionSection() {
  const retention = useAdmin("retention", (signal) => answered(api.GET("/v1/admin/retention", { signal })));
  const set = useAct("retention", (fields: FormData) => {
    const days = (Object.keys(kept) as Kept[]).flatMap((name) => {
      const text = textOf(fields, name);
      return text === "" ? [] : [[name, Number(text)] as const];
    });
    return answered(
      api.PUT("/v1/admin/retention", { body: { ...Object.fromEntries(days), reason: textOf(fields, "reason") } }),
    );
  });
  const { data, error } = retention;
  return (
    <section className="panel">
      <h2>Retention</h2>
      {error && <ProblemView error={error} retry={() => void retention.refetch()} />}
      {data && (
        <dl>
          {(Object.keys(kept) as Kept[]).map((name) => (
            <div key={name}>
              <dt>{kept[name]}</dt>
              <dd>
                {data.days[name] === 0 ? "for ever" : `${data.days[name]} days`}
                {data.own[name] === undefined && <span className="muted"> as all projects</span>}
              </dd>
            </div>
          ))}
          <div>
            <dt>Frozen until</dt>
            <dd>{data.frozen_until ?? "nothing is frozen"}</dd>
          </div>
        </dl>
      )}
      <ActForm
        label="Change retention"
        button="Keep so"
        busy={set.isPending}
        error={set.error}
        onAct={(fields, form) => set.mutate(fields, { onSuccess: () => form.reset() })}
      >
        {(Object.keys(kept) as Kept[]).map((name) => (
          <Field key={name} name={name} label={`${kept[name]}, days`} type="number" placeholder="as it is" />
        ))}
        <Field name="reason" label="Why" required />
      </ActForm>
      <p className="muted">0 is for ever. What is past its time goes within the hour, and cannot be brought back.</p>
    </section>
  );
}
