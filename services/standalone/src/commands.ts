import type { CommandEntry } from "./command.ts";

export const commands: readonly CommandEntry[] = [
  {
    name: "start",
    summary: "Run all of Spanhouse in this process.",
    load: async () => (await import("./commands/start.ts")).start,
  },
  {
    name: "traces",
    summary: "Traces by filters, newest or dearest first.",
    load: async () => (await import("./commands/traces.ts")).traces,
  },
  {
    name: "trace",
    summary: "One trace as a waterfall.",
    load: async () => (await import("./commands/trace.ts")).trace,
  },
  {
    name: "tail",
    summary: "Traces as they end.",
    load: async () => (await import("./commands/tail.ts")).tail,
  },
  {
    name: "cost",
    summary: "What calls cost, by model or any other dimension.",
    load: async () => (await import("./commands/cost.ts")).cost,
  },
  {
    name: "latency",
    summary: "How long calls take.",
    load: async () => (await import("./commands/latency.ts")).latency,
  },
  {
    name: "refusals",
    summary: "How often calls were refused, cut or failed.",
    load: async () => (await import("./commands/refusals.ts")).refusals,
  },
  {
    name: "diagnose",
    summary: "What is wrong with a trace, with evidence and a fix.",
    load: async () => (await import("./commands/diagnose.ts")).diagnose,
  },
  {
    name: "export",
    summary: "Traces as OTLP JSON lines, or their summaries as JSON lines or CSV.",
    load: async () => (await import("./commands/export.ts")).exportCommand,
  },
  {
    name: "import",
    summary: "Take in what Langfuse, LangSmith, Phoenix or spanhouse export wrote.",
    load: async () => (await import("./commands/import.ts")).importCommand,
  },
  {
    name: "mcp",
    summary: "An MCP server on stdin and stdout, for assistants.",
    load: async () => (await import("./commands/mcp.ts")).mcp,
  },
  {
    name: "alerts",
    summary: "What is watched, and when a rule would have fired.",
    load: async () => (await import("./commands/alerts.ts")).alerts,
  },
  {
    name: "replay",
    summary: "Run your program on a recorded trace, without keys and network, and compare.",
    load: async () => (await import("./commands/replay.ts")).replay,
  },
  {
    name: "case",
    summary: "Keep a trace as a regression case.",
    load: async () => (await import("./commands/case.ts")).caseCommand,
  },
  {
    name: "compare",
    summary: "Two traces laid on each other.",
    load: async () => (await import("./commands/compare.ts")).compare,
  },
  {
    name: "models",
    summary: "Which models answered for which, and since when.",
    load: async () => (await import("./commands/models.ts")).models,
  },
  {
    name: "projects",
    summary: "List and make projects.",
    load: async () => (await import("./commands/projects.ts")).projects,
  },
  {
    name: "keys",
    summary: "Make, list and revoke API keys of a project.",
    load: async () => (await import("./commands/keys.ts")).keys,
  },
  {
    name: "limits",
    summary: "What a project may send: traces a month, spans and bytes a second.",
    load: async () => (await import("./commands/limits.ts")).limits,
  },
  {
    name: "redaction",
    summary: "What gateways take out of a project's texts.",
    load: async () => (await import("./commands/redaction.ts")).redaction,
  },
  {
    name: "prices",
    summary: "A project's own prices, discounts, aliases and commitments.",
    load: async () => (await import("./commands/prices.ts")).prices,
  },
  {
    name: "ownership",
    summary: "Who pays for calls that do not say so.",
    load: async () => (await import("./commands/ownership.ts")).ownership,
  },
  {
    name: "grafana-user",
    summary: "A ClickHouse user who reads some projects only, for Grafana.",
    load: async () => (await import("./commands/grafana-user.ts")).grafanaUser,
  },
  {
    name: "dlq",
    summary: "List, show, replay and drop dead letters.",
    load: async () => (await import("./commands/dlq.ts")).dlq,
  },
  {
    name: "verify",
    summary: "Compare every stored aggregate with the spans; read-only.",
    load: async () => (await import("./commands/verify.ts")).verifyCommand,
  },
  {
    name: "rebuild",
    summary: "Make marks, summaries and rollups once more from the spans.",
    load: async () => (await import("./commands/rebuild.ts")).rebuildCommand,
  },
  {
    name: "reprice",
    summary: "Apply the prices and rules of now to what is stored.",
    load: async () => (await import("./commands/reprice.ts")).repriceCommand,
  },
  {
    name: "backup",
    summary: "Back up everything that is stored, beside live traffic.",
    load: async () => (await import("./commands/backup.ts")).backup,
  },
  {
    name: "restore",
    summary: "Bring a backup back into an empty database.",
    load: async () => (await import("./commands/restore.ts")).restoreCommand,
  },
  {
    name: "retention",
    summary: "For how long what is kept, per project.",
    load: async () => (await import("./commands/retention.ts")).retention,
  },
  {
    name: "erase",
    summary: "Erase a person; what their calls cost stays.",
    load: async () => (await import("./commands/erase.ts")).eraseCommand,
  },
  {
    name: "close",
    summary: "State what a month came to, for chargeback.",
    load: async () => (await import("./commands/close.ts")).closeCommand,
  },
  {
    name: "statement",
    summary: "Closed months, with what changed since.",
    load: async () => (await import("./commands/statement.ts")).statement,
  },
  {
    name: "reconcile",
    summary: "Lay a provider's bill beside stored spend.",
    load: async () => (await import("./commands/reconcile.ts")).reconcileCommand,
  },
  {
    name: "delivery",
    summary: "What each SDK instance sent, and what of it came.",
    load: async () => (await import("./commands/delivery.ts")).delivery,
  },
  {
    name: "clickhouse",
    summary: "Run the embedded ClickHouse alone, for services over Kafka on one machine.",
    load: async () => (await import("./commands/clickhouse.ts")).clickhouse,
  },
  {
    name: "completion",
    summary: "A completion script for bash, zsh or fish.",
    load: async () => (await import("./commands/completion.ts")).createCompletion(commands),
  },
];
