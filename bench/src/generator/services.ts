import type { Weighted } from "./random.ts";

/** A program that emits spans: its resource. */
export interface Service {
  readonly name: string;
  readonly release: string;
  readonly environment: string;
  readonly region: string;
  readonly team: string;
  readonly costCentre: string;
  /** Stands in every `host.name`. */
  readonly host: string;
}

const service = (name: string, team: string, costCentre: string, release: string, environment: string): Service => ({
  name,
  team,
  costCentre,
  release,
  environment,
  region: "eu-central-1",
  host: `${name}-${release.replaceAll(".", "-")}-7d9f6`,
});

/** Services that traces begin in. One is rolled out in two releases. */
export const services: readonly (Service & Weighted)[] = [
  { weight: 28, ...service("support-agent", "customer-care", "cc-1100", "2.14.0", "production") },
  { weight: 8, ...service("support-agent", "customer-care", "cc-1100", "2.15.0-rc.1", "staging") },
  { weight: 22, ...service("storefront", "commerce", "cc-2040", "118", "production") },
  { weight: 16, ...service("claims-desk", "insurance", "cc-3001", "0.9.7", "production") },
  { weight: 14, ...service("code-review", "platform", "cc-4000", "5.0.2", "production") },
  { weight: 12, ...service("notebook", "", "", "dev", "development") },
];

/** The service that other services' retrieval runs in. */
export const searchService: Service = service("search", "platform", "cc-4000", "31.4", "production");

export const features: readonly string[] = ["answer", "summarise", "triage", "draft-reply", "extract", "translate"];

export const prompts = [
  { name: "support-answer", version: "12" },
  { name: "triage", version: "3" },
  { name: "claim-summary", version: "41" },
] as const;

export const tools: readonly string[] = ["find_order", "issue_refund", "search_docs", "run_sql", "send_email"];
export const agents: readonly string[] = ["concierge", "researcher", "reviewer", "planner"];

/** Two ways to see the same call: the provider's client, and a framework above it. */
export const clientScope = "support.llm-client";
export const frameworkScope = "langgraph-tracer";
