import { stringify } from "yaml";
import { alertRules } from "./alert-rules.ts";
import { dashboards } from "./dashboards.ts";

/** What `npm run dashboards` writes: path from the repository's root → text. */
export function generatedFiles(): ReadonlyMap<string, string> {
  return new Map([
    ...dashboards.map((one) => [`dashboards/json/${one.uid}.json`, `${JSON.stringify(one, undefined, 2)}\n`] as const),
    [
      "infra/grafana/provisioning/alerting/spanhouse.yaml",
      `# Written by npm run dashboards from dashboards/src/alert-rules.ts.\n${stringify(JSON.parse(JSON.stringify(alertRules)), { lineWidth: 0 })}`,
    ],
  ]);
}
