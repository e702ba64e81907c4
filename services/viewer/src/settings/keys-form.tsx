import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { answered, api } from "../api/client.ts";
import { dayAndClock } from "../format/time.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { CopyButton } from "../span/copy-button.tsx";
import "./keys-form.css";

const scopes = ["ingest", "read", "admin"] as const;
type Scope = (typeof scopes)[number];

/** For so long a rotated key works on, seconds. */
const day = 86_400;

const keysKey = ["admin-keys"] as const;

/** The project's keys: made, listed, revoked, by a session whose key has scope admin. */
export function KeysForm() {
  const queries = useQueryClient();
  const keys = useQuery({
    queryKey: keysKey,
    queryFn: ({ signal }) => answered(api.GET("/v1/admin/keys", { signal })),
  });
  const changed = () => queries.invalidateQueries({ queryKey: keysKey });
  const revoke = useMutation({
    mutationFn: async (key_id: string) => {
      const answer = await api.DELETE("/v1/admin/keys/{key_id}", { params: { path: { key_id } } });
      // Nothing is said of what is done.
      if (!answer.response.ok) await answered(Promise.resolve(answer));
    },
    onSettled: changed,
  });
  const rotate = useMutation({
    mutationFn: (key_id: string) =>
      answered(
        api.POST("/v1/admin/keys/{key_id}/rotate", { params: { path: { key_id } }, body: { grace_seconds: day } }),
      ),
    onSettled: changed,
  });
  const [sure, setSure] = useState<string>();
  return (
    <>
      <NewKey onMade={changed} />
      {(keys.error ?? revoke.error ?? rotate.error) && (
        <ProblemView error={keys.error ?? revoke.error ?? rotate.error} retry={() => void keys.refetch()} />
      )}
      <div role="status">
        {rotate.data && (
          <p>
            In its place, shown this once; the old one works on for a day: <code>{rotate.data.key}</code>{" "}
            <CopyButton text={() => rotate.data.key} label="Copy the rotated key" />
          </p>
        )}
      </div>
      {keys.data && (
        <section className="keys-scroll" aria-label="Keys of the project" tabIndex={0}>
          <table className="keys-table">
            <thead>
              <tr>
                {["Label", "Scopes", "Made", "Last used", "Expires", "Id"].map((title) => (
                  <th key={title} scope="col">
                    {title}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>
              {keys.data.keys.map((key) => (
                <tr key={key.key_id}>
                  <th scope="row">{key.label || "(no label)"}</th>
                  <td>{key.scopes.join(", ")}</td>
                  <td>{dayAndClock(key.created_at)}</td>
                  <td>{key.last_used_at === null ? "never" : dayAndClock(key.last_used_at)}</td>
                  <td>{key.expires_at === null ? "never" : dayAndClock(key.expires_at)}</td>
                  <td>
                    <code>{key.key_id}</code>
                  </td>
                  <td>
                    {key.revoked ? (
                      <span className="muted">revoked</span>
                    ) : (
                      <span className="keys-acts">
                        <button
                          type="button"
                          className="button"
                          disabled={rotate.isPending}
                          onClick={() => rotate.mutate(key.key_id)}
                        >
                          Rotate<span className="unseen"> {key.label || key.key_id}</span>
                        </button>
                        <button
                          type="button"
                          className="button"
                          disabled={revoke.isPending}
                          onBlur={() => setSure(undefined)}
                          onClick={() => {
                            if (sure !== key.key_id) return setSure(key.key_id);
                            setSure(undefined);
                            revoke.mutate(key.key_id);
                          }}
                        >
                          {sure === key.key_id ? "Revoke for good?" : "Revoke"}
                          <span className="unseen"> {key.label || key.key_id}</span>
                        </button>
                      </span>
                    )}
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </>
  );
}

function NewKey({ onMade }: { readonly onMade: () => void }) {
  const create = useMutation({
    mutationFn: (body: { label: string; scopes: Scope[]; expires_at?: string }) =>
      answered(api.POST("/v1/admin/keys", { body })),
    onSuccess: onMade,
  });
  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const expires = String(form.get("expires") ?? "");
    create.mutate({
      label: String(form.get("label")),
      scopes: scopes.filter((scope) => form.has(scope)),
      ...(expires === "" ? {} : { expires_at: `${expires}T00:00:00Z` }),
    });
  }
  return (
    <form className="keys-new" onSubmit={submit}>
      <label>
        Label <input name="label" className="field" maxLength={200} required />
      </label>
      <fieldset>
        <legend className="unseen">Scopes</legend>
        {scopes.map((scope) => (
          <label key={scope}>
            <input type="checkbox" name={scope} defaultChecked={scope === "ingest"} /> {scope}
          </label>
        ))}
      </fieldset>
      <label>
        Expires <input type="date" name="expires" className="field" />
      </label>
      <button type="submit" className="button main" disabled={create.isPending}>
        Make a key
      </button>
      {create.error && <ProblemView error={create.error} />}
      {create.data && (
        <p className="keys-made" role="status">
          It is shown here and never again: <code>{create.data.key}</code>{" "}
          <CopyButton text={() => create.data.key} label="Copy the key" />
        </p>
      )}
    </form>
  );
}
