import { answered, api } from "../api/client.ts";
import { ActForm, Field, textOf } from "./act-form.tsx";
import { AdminList } from "./admin-list.tsx";
import { useAct, useAdmin } from "./use-admin.ts";

/** Persons who were erased, by hash, and one more. */
export function ErasureSection() {
  const erasures = useAdmin("erasures", (signal) => answered(api.GET("/v1/admin/erasures", { signal })));
  const ask = useAct("erasures", (fields: FormData) =>
    answered(
      api.POST("/v1/admin/erasures", { body: { user_id: textOf(fields, "user"), reason: textOf(fields, "reason") } }),
    ),
  );
  return (
    <section className="panel">
      <h2>Erasing a person</h2>
      <AdminList
        label="Persons who were erased"
        query={erasures}
        rows={(data) => data.erasures}
        head={["Person, by hash", "Why", "By", "Asked", "Done"]}
        none="Nobody was erased."
        keyOf={({ run }) => run}
        cells={({ user_hash, reason, asked_by, begun_at, ended_at }) => [
          <code key="hash">{user_hash.slice(0, 12)}</code>,
          reason,
          asked_by,
          begun_at,
          ended_at ?? "under way",
        ]}
      />
      <ActForm
        label="Erase a person"
        button="Erase"
        busy={ask.isPending}
        error={ask.error}
        onAct={(fields, form) => {
          const user = textOf(fields, "user");
          if (!window.confirm(`Erase all texts of ${user} for good? What their calls cost stays.`)) return;
          ask.mutate(fields, { onSuccess: () => form.reset() });
        }}
      >
        <Field name="user" label="User id" required />
        <Field name="reason" label="Why" required />
      </ActForm>
    </section>
  );
}
