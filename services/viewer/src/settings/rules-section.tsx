import { useId, useState } from "react";
import { answered, api } from "../api/client.ts";
import { ActForm, Field, textOf } from "./act-form.tsx";
import { AdminList } from "./admin-list.tsx";
import { PricePreview } from "./price-preview.tsx";
import { useAct, useAdmin } from "./use-admin.ts";

interface RulesSectionProps {
  readonly kind: "prices" | "ownership";
}

interface Rule {
  readonly name: string;
  readonly rule: string;
  readonly reason: string;
}
type Revoked = Omit<Rule, "rule">;

const kinds = {
  prices: {
    title: "Prices",
    none: "List prices hold.",
    example: "kind: discount\nmatch: { provider: openai }\npercent: '5'",
    list: (signal: AbortSignal) => answered(api.GET("/v1/admin/prices", { signal })),
    set: ({ name, ...body }: Rule) =>
      answered(api.PUT("/v1/admin/prices/{name}", { params: { path: { name } }, body })),
    revoke: ({ name, reason }: Revoked) =>
      answered(api.DELETE("/v1/admin/prices/{name}", { params: { path: { name }, query: { reason } } })),
  },
  ownership: {
    title: "Ownership",
    none: "Only calls say who owns them.",
    example: 'match: { service: "checkout-*" }\nset: { team: payments }',
    list: (signal: AbortSignal) => answered(api.GET("/v1/admin/ownership", { signal })),
    set: ({ name, ...body }: Rule) =>
      answered(api.PUT("/v1/admin/ownership/{name}", { params: { path: { name } }, body })),
    revoke: ({ name, reason }: Revoked) =>
      answered(api.DELETE("/v1/admin/ownership/{name}", { params: { path: { name }, query: { reason } } })),
  },
} as const;

/** Named rules in YAML: those in force, and one more or the next version of one. */
export function RulesSection({ kind }: RulesSectionProps) {
  const { title, none, example, ...acts } = kinds[kind];
  const [text, setText] = useState("");
  const id = useId();
  const rules = useAdmin(kind, acts.list);
  const set = useAct(kind, acts.set);
  const revoke = useAct(kind, acts.revoke);
  function drop(name: string): void {
    const reason = window.prompt(`Why does the rule ${name} hold no longer?`);
    if (reason) revoke.mutate({ name, reason });
  }
  return (
    <section className="panel">
      <h2>{title}</h2>
      <AdminList
        label={`${title} in force`}
        query={rules}
        rows={(data) => data.rules}
        head={["Rule", "Says", "By", "Why", "Change"]}
        none={none}
        keyOf={({ name, all_projects }) => `${name} ${all_projects}`}
        cells={({ name, version, rule, changed_by, reason, all_projects }) => [
          `${name}@v${version}`,
          <code key="rule">{JSON.stringify(rule)}</code>,
          changed_by,
          reason,
          all_projects ? (
            "of all projects"
          ) : (
            <button key="revoke" type="button" className="button" onClick={() => drop(name)}>
              Revoke<span className="unseen"> {name}</span>
            </button>
          ),
        ]}
      />
      <ActForm
        label={`New rule: ${title}`}
        button="Set the rule"
        busy={set.isPending}
        error={set.error ?? revoke.error}
        onAct={(fields, form) =>
          set.mutate(
            { name: textOf(fields, "name"), rule: text, reason: textOf(fields, "reason") },
            {
              onSuccess() {
                form.reset();
                setText("");
              },
            },
          )
        }
      >
        <Field name="name" label="Name" required />
        <Field name="reason" label="Why" required />
        <label className="act-field wide" htmlFor={id}>
          <span>Rule, in YAML</span>
          <textarea
            id={id}
            className="field mono"
            placeholder={example}
            value={text}
            onChange={(event) => setText(event.target.value)}
            required
          />
        </label>
      </ActForm>
      {kind === "prices" && <PricePreview rule={text} />}
    </section>
  );
}
