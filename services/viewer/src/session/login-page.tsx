import { useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { ProblemError, remedyOf } from "../api/problem.ts";
import { logIn, useLogInMethods } from "./session.ts";
import "./login-page.css";

/**
 * An API key becomes a session. The address that `npm start` prints holds the key behind its `#`, which browsers send to
 * nobody: it is taken from there, and from the history, before anything else.
 */
export function LoginPage() {
  const { next } = useSearch({ from: "/login" });
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [problem, setProblem] = useState<ProblemError>();
  const [busy, setBusy] = useState(false);
  const methods = useLogInMethods();
  const input = useRef<HTMLInputElement>(null);

  async function enter(key: string): Promise<void> {
    setBusy(true);
    setProblem(undefined);
    try {
      await logIn(key);
      queries.clear();
      // Only a path of this page's own.
      await navigate({ href: next && /^\/(?![/\\])/.test(next) ? next : "/", replace: true });
    } catch (error) {
      if (!(error instanceof ProblemError)) throw error;
      setProblem(error);
      input.current?.focus();
    } finally {
      setBusy(false);
    }
  }

  const entered = useRef(false);
  useEffect(() => {
    const key = keyOfAddress();
    if (key === undefined || entered.current) return;
    entered.current = true;
    void enter(key);
  });

  function submit(event: FormEvent<HTMLFormElement>): void {
    event.preventDefault();
    const key = new FormData(event.currentTarget).get("key");
    if (typeof key === "string" && key.trim() !== "") void enter(key.trim());
  }

  const remedy = problem && remedyOf(problem);
  return (
    <main className="login">
      <form className="panel" onSubmit={submit}>
        <h1>Spanhouse</h1>
        <label htmlFor="key">API key of scope read</label>
        <input
          ref={input}
          id="key"
          name="key"
          type="password"
          className="field mono"
          autoComplete="current-password"
          aria-describedby="key-help key-problem"
          aria-invalid={problem !== undefined}
          required
        />
        <p id="key-help" className="muted">
          <code>npm start</code> prints one, with an address that logs in by itself; <code>spanhouse keys create</code>{" "}
          makes others. It is kept in a cookie that scripts cannot read.
        </p>
        <div id="key-problem" role="alert">
          {problem && (
            <p className="login-problem">
              <code>{problem.code}</code> {problem.message} {remedy}
            </p>
          )}
        </div>
        <button type="submit" className="button main" disabled={busy}>
          Log in
        </button>
        {methods.data?.oidc && (
          <a className="button" href={`${methods.data.oidc}?return_to=${encodeURIComponent(next ?? "/")}`}>
            Log in with your organisation
          </a>
        )}
      </form>
    </main>
  );
}

function keyOfAddress(): string | undefined {
  const key = /^#key=(.+)$/.exec(window.location.hash)?.[1];
  if (key === undefined) return undefined;
  window.history.replaceState(window.history.state, "", window.location.pathname + window.location.search);
  return decodeURIComponent(key);
}
