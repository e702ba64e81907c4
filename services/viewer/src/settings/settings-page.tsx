import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ProblemView } from "../layout/problem-view.tsx";
import { chooseTheme, themes, useTheme } from "../layout/theme.ts";
import { logOut, useSession } from "../session/session.ts";
import { KeysForm } from "./keys-form.tsx";
import "./settings-page.css";

/** The session, how it looks, and what the command line does. */
export function SettingsPage() {
  const session = useSession();
  const theme = useTheme();
  const queries = useQueryClient();
  const navigate = useNavigate();
  async function leave(): Promise<void> {
    await logOut();
    queries.clear();
    await navigate({ to: "/login" });
  }
  return (
    <div className="page settings">
      <header className="page-head">
        <h1>Settings</h1>
      </header>
      <section className="panel">
        <h2>Session</h2>
        {session.error ? (
          <ProblemView error={session.error} retry={() => void session.refetch()} />
        ) : (
          <dl>
            <div>
              <dt>Project</dt>
              <dd>{session.data?.project ?? "…"}</dd>
            </div>
            <div>
              <dt>Scopes of the key</dt>
              <dd>{session.data?.scopes.join(", ") ?? "…"}</dd>
            </div>
          </dl>
        )}
        <button type="button" className="button" onClick={() => void leave()}>
          Log out
        </button>
      </section>
      <section className="panel">
        <h2>Theme</h2>
        <fieldset className="settings-themes">
          <legend className="unseen">Theme</legend>
          {themes.map((one) => (
            <button
              key={one}
              type="button"
              className="button"
              aria-pressed={one === theme}
              onClick={() => chooseTheme(one)}
            >
              {one === "system" ? "as the system" : one}
            </button>
          ))}
        </fieldset>
      </section>
      <section className="panel">
        <h2>Keys</h2>
        {session.data?.scopes.includes("admin") ? (
          <KeysForm />
        ) : (
          <>
            <p>A key of scope admin makes, lists and revokes them here; without one, where Spanhouse runs:</p>
            <pre>
              {`spanhouse keys create --project ${session.data?.project ?? "default"} --scope ingest --label NAME
spanhouse keys list --project ${session.data?.project ?? "default"}
spanhouse keys revoke KEY_ID --project ${session.data?.project ?? "default"}`}
            </pre>
          </>
        )}
      </section>
      <section className="panel">
        <h2>API</h2>
        <p>
          All that these pages show is the query API's: <a href="/openapi.json">its description</a>.
        </p>
      </section>
    </div>
  );
}
