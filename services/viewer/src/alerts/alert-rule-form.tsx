import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId } from "react";
import { answered, api, problemError } from "../api/client.ts";
import { ActForm, Field, textOf } from "../settings/act-form.tsx";
import { RuleTrial } from "./rule-trial.tsx";

/** A rule as it stands in the form; YAML, of which JSON is a part. */
export interface EditedRule {
  readonly name: string;
  readonly rule: string;
}

interface AlertRuleFormProps {
  readonly edited: EditedRule;
  readonly onEdit: (rule: EditedRule) => void;
}

const example = `signal: refusal_rate
group_by: [service]
window: 5m
condition: { kind: static, above: 0.1, clear: 0.05 }`;

/** Sets a rule or revokes it, as an administrator. Who may not is told so in the form's place. */
export function AlertRuleForm({ edited: { name, rule }, onEdit }: AlertRuleFormProps) {
  const [nameId, ruleId] = [useId(), useId()];
  const queries = useQueryClient();
  const onSuccess = () => queries.invalidateQueries({ queryKey: ["alert-rules"] });
  const path = { name: name.trim() };
  const set = useMutation({
    mutationFn: (reason: string) =>
      answered(api.PUT("/v1/admin/alert-rules/{name}", { params: { path }, body: { rule, reason } })),
    onSuccess,
  });
  const revoke = useMutation({
    async mutationFn() {
      const { error, response } = await api.DELETE("/v1/admin/alert-rules/{name}", { params: { path } });
      if (!response.ok) throw problemError(error, response.status);
    },
    onSuccess,
  });
  const none = { name: "", rule: "" };
  return (
    <>
      <ActForm
        label="Alert rule"
        button="Set the rule"
        busy={set.isPending || revoke.isPending}
        error={set.error ?? revoke.error}
        onAct={(fields, form) =>
          set.mutate(textOf(fields, "reason"), {
            onSuccess() {
              form.reset();
              onEdit(none);
            },
          })
        }
      >
        <label className="act-field" htmlFor={nameId}>
          <span>Name</span>
          <input
            id={nameId}
            className="field"
            value={name}
            onChange={(event) => onEdit({ name: event.target.value, rule })}
            required
          />
        </label>
        <Field name="reason" label="Why" required />
        <label className="act-field wide" htmlFor={ruleId}>
          <span>Rule, in YAML</span>
          <textarea
            id={ruleId}
            className="field mono"
            placeholder={example}
            value={rule}
            onChange={(event) => onEdit({ name, rule: event.target.value })}
            required
          />
        </label>
      </ActForm>
      <button
        type="button"
        className="button"
        disabled={path.name === "" || revoke.isPending}
        onClick={() => revoke.mutate(undefined, { onSuccess: () => onEdit(none) })}
      >
        Revoke {path.name || "the rule"}
      </button>
      <RuleTrial name={name} rule={rule} />
    </>
  );
}
