// The pages of the site, in the order in which they are read. A page of docs/ that is missing here fails the build.
export const pages = [
  {
    text: "Begin",
    items: ["README.md", "docs/guides/sdk-typescript.md", "docs/guides/sdk-python.md", "docs/integrations.md"],
  },
  {
    text: "Look",
    items: [
      "docs/guides/viewer.md",
      "docs/guides/command-line.md",
      "docs/guides/mcp.md",
      "docs/guides/diagnosis.md",
      "docs/guides/outcomes.md",
      "docs/guides/scores.md",
      "docs/guides/replay.md",
      "docs/guides/grafana.md",
      "docs/guides/alerts.md",
    ],
  },
  {
    text: "Spend",
    items: ["docs/exactness.md", "docs/guides/prices.md", "docs/guides/ownership.md", "docs/guides/right-spend.md"],
  },
  {
    text: "Move in",
    items: [
      "docs/guides/from-langfuse.md",
      "docs/guides/from-langsmith.md",
      "docs/guides/from-helicone.md",
      "docs/guides/from-phoenix.md",
      "docs/guides/import-export.md",
    ],
  },
  {
    text: "Run",
    items: [
      "docs/guides/kafka-deployment.md",
      "docs/guides/kafka-security.md",
      "docs/guides/kubernetes.md",
      "docs/scale.md",
      "docs/guides/administration.md",
      "docs/guides/limits.md",
      "docs/guides/privacy.md",
      "docs/guides/redaction.md",
      "docs/operations/upgrade.md",
      "docs/operations/backup.md",
      "docs/operations/cluster.md",
      "docs/operations/regions.md",
      "docs/operations/metrics.md",
      "docs/operations/runbooks.md",
    ],
  },
  {
    text: "Know",
    items: [
      "docs/api.md",
      "docs/architecture.md",
      "docs/performance.md",
      "docs/security.md",
      "SECURITY.md",
      "CONTRIBUTING.md",
      "CHANGELOG.md",
    ],
  },
];
