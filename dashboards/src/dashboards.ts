import { errorsAndRefusals } from "./errors-and-refusals.ts";
import { fleetCost } from "./fleet-cost.ts";
import { latency } from "./latency.ts";
import { models } from "./models.ts";
import { pipelineHealth } from "./pipeline-health.ts";
import { traceDrillDown } from "./trace-drill-down.ts";

export const dashboards = [fleetCost, latency, errorsAndRefusals, models, traceDrillDown, pipelineHealth] as const;
