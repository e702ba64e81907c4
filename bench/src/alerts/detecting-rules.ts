import type { Incident } from "./incidents.ts";

const anomaly = (signal: string, window: string, direction: string) => ({
  ...{ signal, window, group_by: ["service"], condition: { kind: "anomaly", direction } },
});

/** Rules as a user would write them, and the incidents that each is to find. */
export const detectingRules: readonly {
  readonly name: string;
  readonly rule: object;
  readonly finds: readonly Incident["kind"][];
}[] = [
  { name: "calls", rule: anomaly("calls", "2m", "both"), finds: ["spike", "drop"] },
  { name: "errors", rule: anomaly("error_rate", "2m", "up"), finds: ["outage"] },
  { name: "refusals", rule: anomaly("refusal_rate", "2m", "up"), finds: ["refusals"] },
  {
    name: "cost",
    rule: { ...anomaly("cost", "1h", "up"), group_by: ["service", "response_model"] },
    finds: ["drift"],
  },
];
