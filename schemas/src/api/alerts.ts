import { z } from "zod";
import { dimensions, measures } from "./metrics.ts";
import { limitParameter, timeParameter, timeSchema, traceIdSchema } from "./values.ts";

/**
 * What a rule may look at: every measure of the query API, and what no measure says. `refusal_rate` is of refusals that
 * the provider told (explicit and filtered); `tool_loops` counts traces that called one tool ten times or more,
 * `new_models` returned models that the 30 days before did not have, `lost_spans` spans that an SDK numbered and that
 * did not come.
 */
export const alertSignals = [...measures, "refusal_rate", "tool_loops", "new_models", "lost_spans"] as const;
export type AlertSignal = (typeof alertSignals)[number];

export const severities = ["info", "warning", "critical"] as const;

const units = { s: 1, m: 60, h: 3600, d: 86_400, w: 7 * 86_400 } as const;

/** A length of time, as `5m`. */
export type Duration = string;

/** Of a whole number and a unit, between bounds in seconds. */
function duration(least: number, most: Duration) {
  const expected = `expected a whole number of s, m, h, d or w, such as 5m, from ${least} s to ${most}`;
  return z
    .string(expected)
    .regex(/^\d{1,6}[smhdw]$/, expected)
    .refine((text) => secondsOf(text) >= least && secondsOf(text) <= secondsOf(most), expected);
}

export function secondsOf(text: Duration): number {
  return Number(text.slice(0, -1)) * units[text.at(-1) as keyof typeof units];
}

const minutes = (most: Duration) =>
  duration(60, most).refine((text) => secondsOf(text) % 60 === 0, "expected whole minutes");

const bounds = {
  above: z.number().optional().describe("breached by what is greater"),
  below: z.number().optional().describe("breached by what is less"),
  clear: z
    .number()
    .optional()
    .describe("on the other side of which it is over; the bound itself by default. Farther off, it flaps less"),
} as const;

const oneBound = <T extends { above?: number | undefined; below?: number | undefined }>({ above, below }: T) =>
  (above === undefined) !== (below === undefined);
const oneBoundExpected = { error: "expected above or below, and not both" };

const staticCondition = z.strictObject({ kind: z.literal("static"), ...bounds }).refine(oneBound, oneBoundExpected);

const changeCondition = z
  .strictObject({
    kind: z.literal("change"),
    ...bounds,
    offset: minutes("4w").optional().describe("how long ago the period before ended; the window's length by default"),
  })
  .refine(oneBound, oneBoundExpected)
  .describe("bounds are of the quotient: 3 is three times what it was in the period before");

const anomalyCondition = z
  .strictObject({
    kind: z.literal("anomaly"),
    direction: z.enum(["up", "down", "both"]).default("both"),
    sensitivity: z
      .number()
      .min(3)
      .max(50)
      .default(6)
      .describe("deviations from what the hour of the week has; fewer find more, and more that is nothing"),
    floor: z
      .number()
      .min(0)
      .max(100)
      .default(0.6)
      .describe(
        "the least change that counts: a share of what is expected, or of a rate so many points (0.05 at most)",
      ),
  })
  .describe("against the same hour of up to four weeks before");

const burnCondition = z
  .strictObject({
    kind: z.literal("burn_rate"),
    budget: z
      .strictObject({
        amount: z.string().regex(/^\d{1,12}(\.\d{1,12})?$/, "expected dollars as a decimal, such as 1000"),
        period: z.enum(["day", "week", "month"]).describe("a month is 30 days"),
      })
      .optional()
      .describe("of cost"),
    objective: z
      .number()
      .gt(0)
      .lt(1)
      .optional()
      .describe("the share of calls that shall be good, such as 0.99; of a rate"),
    windows: z
      .array(z.strictObject({ long: minutes("1w"), short: minutes("1d"), factor: z.number().positive() }))
      .min(1)
      .max(4)
      .default([
        { long: "1h", short: "5m", factor: 14.4 },
        { long: "6h", short: "30m", factor: 6 },
        { long: "3d", short: "6h", factor: 1 },
      ])
      .describe("breached when both of a pair burn by more than the factor"),
  })
  .refine(({ budget, objective }) => (budget === undefined) !== (objective === undefined), {
    error: "expected budget or objective, and not both",
  });

const absentCondition = z
  .strictObject({ kind: z.literal("absent") })
  .describe("no calls in the window, of a group that had some in the day before");

export const alertConditionSchema = z.discriminatedUnion("kind", [
  staticCondition,
  changeCondition,
  anomalyCondition,
  burnCondition,
  absentCondition,
]);

const name = z.string().regex(/^[\w.-]{1,100}$/, 'expected letters, digits, ".", "_" and "-", at most 100');
const label = z.string().regex(/^[a-zA-Z_]\w{0,99}$/, "expected a label of Prometheus");

/** A rule as it is written, in YAML or JSON. */
export const alertRuleSchema = z.strictObject({
  signal: z.enum(alertSignals),
  condition: alertConditionSchema,
  window: minutes("1d").default("5m").describe("what each evaluation looks at; it slides by the minute"),
  group_by: z.array(z.enum(dimensions)).max(4).default([]).describe("an alert for each"),
  filters: z
    .partialRecord(z.enum(dimensions), z.array(z.string().max(400)).min(1).max(20))
    .default({})
    .describe("of each dimension, the values any of which a call must have"),
  per: z.enum(["minute", "hour", "day"]).optional().describe("a sum becomes a speed: cost per hour"),
  minimum_calls: z
    .number()
    .int()
    .min(0)
    .default(20)
    .describe("in the window; of fewer nothing is said. Of an anomaly, as many as are to be expected, or are there"),
  for: duration(0, "1d").default("0s").describe("how long it must be breached before it fires"),
  keep: duration(0, "1d").default("5m").describe("how long it must be over before it is resolved"),
  severity: z.enum(severities).default("warning"),
  summary: z
    .string()
    .max(400)
    .default("")
    .describe("{{ value }}, {{ expected }} and {{ DIMENSION }} are replaced; made from the rule by default"),
  labels: z.record(label, z.string().max(400)).default({}).describe("sent with every alert of the rule"),
  receivers: z.array(name).max(20).default([]).describe("names; all that are configured by default"),
  enabled: z.boolean().default(true),
});
export type AlertRule = z.infer<typeof alertRuleSchema>;
export type AlertCondition = AlertRule["condition"];

export const alertNameSchema = name;

const groupSchema = z.record(z.string(), z.string()).describe("a value for each dimension of group_by");

/** A value of a dimension, and how much of the change it explains. */
const contributionSchema = z.object({
  dimension: z.enum(dimensions),
  value: z.string(),
  share: z.number().describe("of the change; beyond 1 where others went the other way"),
  before: z.number().nullable().describe("its own value in the stretch compared with"),
  now: z.number().nullable(),
});

/** Why an alert was raised. */
export const alertEvidenceSchema = z.object({
  traces: z.array(z.object({ trace_id: traceIdSchema, name: z.string(), why: z.string() })).describe("three at most"),
  series: z.array(z.object({ time: timeSchema, value: z.number().nullable() })).describe("around it"),
  contributions: z.array(contributionSchema).describe("what explains most of the change first"),
  kinds: z.array(contributionSchema).describe("of outcomes, refusals and errors: what kind it is of"),
});
export type AlertEvidence = z.infer<typeof alertEvidenceSchema>;

/** From when an alert fired until it was resolved. */
export const alertEpisodeSchema = z
  .object({
    episode: z.string().describe("names it in every notification"),
    rule: z.string(),
    group: groupSchema,
    severity: z.enum(severities),
    summary: z.string(),
    fired_at: timeSchema.describe("the end of the window that was evaluated"),
    resolved_at: timeSchema.nullable(),
    value: z.number().nullable(),
    expected: z.number().nullable().describe("the bound, or what the hour of the week has"),
    settled: z.boolean().describe("false: the minute was evaluated before all of its spans were known to be there"),
    evidence: alertEvidenceSchema,
    notifications: z.array(
      z.object({
        receiver: z.string(),
        event: z.enum(["firing", "resolved"]),
        sent_at: timeSchema.nullable().describe("null: not yet"),
        attempts: z.number(),
        problem: z.string().describe("of the last attempt that failed"),
      }),
    ),
  })
  .meta({ id: "AlertEpisode" });
export type AlertEpisode = z.infer<typeof alertEpisodeSchema>;

export const alertEpisodesQuerySchema = z.strictObject({
  rule: name.optional(),
  state: z.enum(["firing", "resolved"]).optional(),
  from: timeParameter.optional().describe("of when it fired; 30 days before `to` by default"),
  to: timeParameter.optional().describe("now by default"),
  limit: limitParameter(500, 50),
});

export const alertEpisodesSchema = z.object({ episodes: z.array(alertEpisodeSchema).describe("newest first") });

export const alertRuleEntrySchema = z.object({
  name: z.string(),
  rule: alertRuleSchema,
  version: z.number(),
  changed_by: z.string(),
  changed_at: timeSchema,
  firing: z.number().describe("groups"),
  evaluated_to: timeSchema.nullable().describe("null: not yet, or the alert service does not run"),
  problem: z.string().describe("why its last evaluation failed; empty: it did not"),
});
export const alertRulesSchema = z.object({ rules: z.array(alertRuleEntrySchema).describe("by name") });

const writtenRule = z.union([alertRuleSchema, z.string().max(20_000).describe("the same as YAML")]);

export const alertRuleParamsSchema = z.strictObject({ name });
export const alertRuleChangeSchema = z.strictObject({ rule: writtenRule, reason: z.string().max(400).default("") });

/** So much of history a rule is tried on at once. */
export const mostTriedDays = 14;

export const alertRulePreviewSchema = z.strictObject({
  name: name.default("tried").describe("in summaries"),
  rule: writtenRule,
  from: timeParameter
    .optional()
    .describe(`of ends of windows; a day before \`to\` by default, ${mostTriedDays} at most`),
  to: timeParameter.optional().describe("now by default"),
});

/** An episode that a rule would have had. */
export const wouldBeEpisodeSchema = alertEpisodeSchema
  .pick({ group: true, summary: true, fired_at: true, resolved_at: true, value: true, expected: true })
  .meta({ id: "WouldBeEpisode" });

export const wouldBeEpisodesSchema = z.object({
  from: timeSchema,
  to: timeSchema,
  rule: alertRuleSchema.describe("as it was understood, with what it left out"),
  episodes: z.array(wouldBeEpisodeSchema).describe("oldest first"),
});
