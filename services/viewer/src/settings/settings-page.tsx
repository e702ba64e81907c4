import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { ProblemView } from "../layout/problem-view.tsx";
import { chooseTheme, themes, useTheme } from "../layout/theme.ts";
import { logOut, lookAt, useSession } from "../session/session.ts";
import { ErasureSection } from "./erasure-section.tsx";
import { KeysForm } from "./keys-form.tsx";
import { ProjectsSection } from "./projects-section.tsx";
import { RetentionSection } from "./retention-section.tsx";
import { RulesSection } from "./rules-section.tsx";
import "./settings-page.css";

/** The session, how it looks, and for admins what the project goes by. */
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
              <dt>Scopes</dt>
              <dd>{session.data?.scopes.join(", ") ?? "…"}</dd>
            </div>
            {session.data?.user && (
              <div>
                <dt>Logged in as</dt>
                <dd>{session.data.user}</dd>
              </div>
            )}
          </dl>
        )}
        {session.data && session.data.projects.length > 1 && (
          <label>
            Look at{" "}
            <select
              className="field"
              value={session.data.project}
              onChange={(event) => void lookAt(event.target.value).then(() => queries.clear())}
            >
              {session.data.projects.map((project) => (
                <option key={project}>{project}</option>
              ))}
            </select>
          </label>
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
      {session.data?.scopes.includes("admin") ? (
        <>
          <section className="panel">
            <h2>Keys</h2>
            <KeysForm />
          </section>
          <RulesSection kind="prices" />
          <RulesSection kind="ownership" />
          <RetentionSection />
          <ErasureSection />
          <ProjectsSection />
        </>
      ) : (
        <section className="panel">
          <h2>Administration</h2>
          <p>
            Keys, prices, owners, retention and erasures need a key of scope admin. Where Spanhouse runs, this prints
            the first one:
          </p>
          <pre>{`spanhouse keys bootstrap --project ${session.data?.project ?? "default"}`}</pre>
        </section>
      )}
      <section className="panel">
        <h2>API</h2>
        <p>
          All that these pages show is the query API's: <a href="/openapi.json">its description</a>.
        </p>
      </section>
    </div>
  );
}
