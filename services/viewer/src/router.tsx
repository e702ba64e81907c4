import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from "@tanstack/react-router";
import { NothingHere } from "./layout/nothing-here.tsx";
import { ProblemView } from "./layout/problem-view.tsx";
import { parseQueryString, queryString, textOf } from "./layout/query-string.ts";
import { Shell } from "./layout/shell.tsx";
import { LoginPage } from "./session/login-page.tsx";
import { timeSearch } from "./time/time-range.ts";
import { traceSearch } from "./trace/trace-search.ts";
import { listSearch } from "./traces/filters.ts";

const root = createRootRoute({
  component: Shell,
  notFoundComponent: NothingHere,
  errorComponent: ({ error, reset }) => <ProblemView error={error} retry={reset} />,
});

const overview = createRoute({
  getParentRoute: () => root,
  path: "/",
  validateSearch: timeSearch,
  component: lazyRouteComponent(() => import("./overview/overview-page.tsx"), "OverviewPage"),
});

const traces = createRoute({
  getParentRoute: () => root,
  path: "/traces",
  validateSearch: listSearch,
  component: lazyRouteComponent(() => import("./traces/traces-page.tsx"), "TracesPage"),
});

const conversations = createRoute({
  getParentRoute: () => root,
  path: "/conversations",
  validateSearch: timeSearch,
  component: lazyRouteComponent(() => import("./traces/grouped-page.tsx"), "ConversationsPage"),
});

const users = createRoute({
  getParentRoute: () => root,
  path: "/users",
  validateSearch: timeSearch,
  component: lazyRouteComponent(() => import("./traces/grouped-page.tsx"), "UsersPage"),
});

const trace = createRoute({
  getParentRoute: () => root,
  path: "/traces/$traceId",
  validateSearch: traceSearch,
  component: lazyRouteComponent(() => import("./trace/trace-page.tsx"), "TracePage"),
});

const compare = createRoute({
  getParentRoute: () => root,
  path: "/traces/$traceId/compare/$other",
  component: lazyRouteComponent(() => import("./compare/compare-page.tsx"), "ComparePage"),
});

const alerts = createRoute({
  getParentRoute: () => root,
  path: "/alerts",
  validateSearch: (raw: Record<string, unknown>): { readonly episode?: string } => {
    const episode = textOf(raw.episode);
    return episode === undefined ? {} : { episode };
  },
  component: lazyRouteComponent(() => import("./alerts/alerts-page.tsx"), "AlertsPage"),
});

const settings = createRoute({
  getParentRoute: () => root,
  path: "/settings",
  component: lazyRouteComponent(() => import("./settings/settings-page.tsx"), "SettingsPage"),
});

const login = createRoute({
  getParentRoute: () => root,
  path: "/login",
  validateSearch: (raw: Record<string, unknown>): { readonly next?: string } => {
    const next = textOf(raw.next);
    return next === undefined ? {} : { next };
  },
  component: LoginPage,
});

export function createViewerRouter() {
  return createRouter({
    routeTree: root.addChildren([overview, traces, conversations, users, trace, compare, alerts, settings, login]),
    parseSearch: parseQueryString,
    stringifySearch: queryString,
    defaultPreload: "intent",
    defaultPendingMs: 150,
    scrollRestoration: true,
  });
}

declare module "@tanstack/react-router" {
  interface Register {
    router: ReturnType<typeof createViewerRouter>;
  }
}
