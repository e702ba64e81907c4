import { Link, Outlet, useRouterState } from "@tanstack/react-router";
import { useSession } from "../session/session.ts";
import { type TimeSearch, timeSearch } from "../time/time-range.ts";
import { KeyboardHelp } from "./keyboard-help.tsx";
import { ThemeChoice } from "./theme-choice.tsx";
import { useGoKeys } from "./use-go-keys.ts";
import "./shell.css";

const places = [
  { to: "/", label: "Overview" },
  { to: "/traces", label: "Traces" },
  { to: "/conversations", label: "Conversations" },
  { to: "/users", label: "Users" },
  { to: "/alerts", label: "Alerts" },
] as const;

/** What stands around every page: the places, the project, the theme, the keys. */
export function Shell() {
  const location = useRouterState({ select: ({ location }) => location });
  const time: TimeSearch = timeSearch(location.search);
  const session = useSession();
  useGoKeys();
  if (location.pathname === "/login") return <Outlet />;
  return (
    <>
      <a className="skip" href="#content">
        To the content
      </a>
      <header className="bar">
        <Link to="/" search={time} className="bar-name" aria-label="Spanhouse, overview">
          <svg viewBox="0 0 20 20" width="18" height="18" aria-hidden="true">
            <rect x="2" y="3" width="16" height="3.4" rx="1.4" />
            <rect x="4.5" y="8.3" width="9" height="3.4" rx="1.4" opacity=".75" />
            <rect x="9" y="13.6" width="9" height="3.4" rx="1.4" opacity=".5" />
          </svg>
          <span>Spanhouse</span>
        </Link>
        <nav className="bar-places" aria-label="Pages">
          {places.map(({ to, label }) => (
            <Link key={to} to={to} search={time} activeOptions={{ exact: to === "/", includeSearch: false }}>
              {label}
            </Link>
          ))}
        </nav>
        <div className="bar-end">
          <Link to="/settings" className="bar-project" activeOptions={{ includeSearch: false }}>
            <span className="unseen">Settings of project </span>
            {session.data?.project ?? "Settings"}
          </Link>
          <ThemeChoice />
          <KeyboardHelp />
        </div>
      </header>
      <main id="content" tabIndex={-1}>
        <Outlet />
      </main>
    </>
  );
}
