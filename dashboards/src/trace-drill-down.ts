import { dashboard } from "./dashboard.ts";
import { table, trace } from "./panels.ts";
import { chosen, inRange } from "./slice-query.ts";
import { chainedVariables, clickhouseVariable, queryVariable, viewerVariable } from "./variables.ts";

const filters = ["project"] as const;
const traces = `traces FINAL WHERE ${inRange()} AND live AND ${chosen(...filters)}`;
const traceId = "toFixedString(unhex('${trace}'), 16)";

/** Columns of the span that the waterfall shows as tags, empty ones left out. */
const tags = ["operation", "provider", "response_model", "outcome", "refusal", "error_class", "price_state", "message"];
const tagMap = `mapFilter((k, v) -> v != '', map(${tags.map((name) => `'${name}', toString(${name})`).join(", ")}, 'cost', toString(cost), 'input_tokens', toString(input_tokens), 'output_tokens', toString(output_tokens)))`;
/** As the trace panel takes them: a list of key and value. */
const pairsOf = (map: string) => `arrayMap(k -> map('key', k, 'value', (${map})[k]), mapKeys(${map}))`;
const serviceMap =
  "mapFilter((k, v) -> v != '', map('environment', toString(environment), 'release', toString(release), 'region', toString(region)))";

export const traceDrillDown = dashboard({
  uid: "spanhouse-traces",
  title: "Spanhouse: trace drill-down",
  description: "Traces of the range, and one of them as a waterfall. Texts and exact bytes are in the viewer.",
  from: "now-1h",
  variables: [
    clickhouseVariable,
    viewerVariable,
    ...chainedVariables("spend", filters),
    queryVariable(
      "trace",
      `SELECT lower(hex(trace_id)) AS trace FROM ${traces} ORDER BY end_time DESC, trace_id LIMIT 100`,
    )
      .label("Trace")
      .description("The newest of the range; any other id can be typed in.")
      .allowCustomValue(true),
  ],
  board: [
    [
      table({
        title: "Traces",
        description:
          "The hundred newest traces that ended in the range. A trace's id opens it in the viewer; its name shows it below.",
        unit: "short",
        units: {
          ...{ Time: "dateTimeAsIso", Duration: "µs", Spend: "currencyUSD", Estimated: "currencyUSD" },
        },
        width: 24,
        height: 12,
        links: {
          Trace: { title: "Open in Spanhouse", url: '${viewer}/traces/${__data.fields["Trace"]}' },
          Name: {
            title: "Show below",
            url: '/d/spanhouse-traces?var-trace=${__data.fields["Trace"]}&${datasource:queryparam}&${viewer:queryparam}&${__url_time_range}',
          },
        },
        sql: `SELECT end_time AS "Time", lower(hex(trace_id)) AS "Trace", name AS "Name", outcome AS "Outcome", duration_us AS "Duration", spans AS "Spans", calls AS "Calls", cost AS "Spend", estimated_cost AS "Estimated", unpriced_calls + unknown_usage_calls AS "Not priced", arrayStringConcat(services, ', ') AS "Services", user_id AS "User", conversation_id AS "Conversation", message AS "Says" FROM ${traces} ORDER BY end_time DESC, trace_id LIMIT 100`,
      }),
    ],
    [
      trace({
        title: "Waterfall",
        description: "The spans of the chosen trace, wherever they lie in time; repeated ones once.",
        unit: "ms",
        link: "/traces/${trace}",
        sql: `SELECT lower(hex(trace_id)) AS traceID, lower(hex(span_id)) AS spanID, if(parent_span_id = toFixedString('', 8), '', lower(hex(parent_span_id))) AS parentSpanID, service AS serviceName, name AS operationName, toUnixTimestamp64Nano(start_time) / 1000000 AS startTime, duration_us / 1000 AS duration, ${pairsOf(tagMap)} AS tags, ${pairsOf(serviceMap)} AS serviceTags, kind, if(outcome = 'error', 2, 0) AS statusCode FROM spans FINAL WHERE ${chosen(...filters)} AND trace_id = ${traceId} AND bucket IN (SELECT bucket FROM trace_buckets WHERE ${chosen(...filters)} AND trace_id = ${traceId}) AND NOT void ORDER BY startTime, spanID`,
      }),
    ],
  ],
});
