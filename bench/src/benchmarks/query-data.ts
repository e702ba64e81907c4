import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { laneSql } from "@spanhouse/store/readers/trace-keys";
import { foldSql, folds, rollSql } from "@spanhouse/store/slices/slice-sql";
import { sliceKindNames } from "@spanhouse/store/slices/slices";

/** Spans by direct inserts, as the consumer would have left them: of every twenty traces, one has 50, the others 5. */
export interface QueryData {
  readonly spans: number;
  readonly days: number;
  /** Characters of a request; 0: no payloads. */
  readonly payload: number;
  readonly seed: number;
}

const spansPerBlock = 50 + 19 * 5;
const tracesPerBlock = 20;
const dayMicros = 86_400_000_000;
/** The end of the last day. */
const endOfData = Date.UTC(2026, 9, 31);

export const dataEnd = new Date(endOfData).toISOString().replace(".000", "");
export const users = 2000;
export const models = ["gpt-5", "gpt-5-mini", "claude-sonnet-4", "claude-opus-4", "gemini-2.5-pro", "mistral-large"];
/** A word that one request in a thousand has. */
export const rareWord = "marmalade";

export function traceCount({ spans }: QueryData): number {
  return Math.floor(spans / spansPerBlock) * tracesPerBlock;
}

/** Unix ms of the start of a trace, by its number. */
export function traceStart(data: QueryData, trace: number): number {
  const begin = endOfData - data.days * (dayMicros / 1000);
  return begin + Math.floor((trace * data.days * (dayMicros / 1000)) / traceCount(data));
}

/** The id of a trace by its number, as ClickHouse and the client both count it. */
export const traceIdSql = (trace: string): string => `sipHash128({seed:UInt32}, toUInt64(${trace}))`;

export async function insertQueryData(
  clickhouse: ClickHouse,
  data: QueryData,
  tell: (line: string) => void,
): Promise<void> {
  const blocks = Math.floor(data.spans / spansPerBlock);
  const micros = Math.floor((data.days * dayMicros) / traceCount(data));
  const begin = BigInt(endOfData) * 1_000n - BigInt(data.days) * BigInt(dayMicros);
  for (let day = 0; day < data.days; day++) {
    const first = Math.floor((blocks * day) / data.days);
    const last = Math.floor((blocks * (day + 1)) / data.days);
    const params = { seed: data.seed, first, count: (last - first) * spansPerBlock, micros, begin: String(begin) };
    await clickhouse.command(`INSERT INTO spans (${spanColumns}) ${spanRows}`, params);
    const dayStart = Number(begin / 1_000_000n) + day * 86_400;
    const within = `bucket >= toDateTime(${dayStart}, 'UTC') AND bucket < toDateTime(${dayStart + 86_400}, 'UTC')`;
    if (data.payload > 0) {
      await clickhouse.command(
        `INSERT INTO span_payloads (project, bucket, lane, trace_id, span_id, version, request, response) ${payloadRows} FROM spans WHERE ${within}`,
        { seed: data.seed, size: data.payload },
      );
    }
    if (day % 10 === 9 || day === data.days - 1) tell(`day ${day + 1} of ${data.days}: ${last * spansPerBlock} spans`);
  }
  for (let day = 0; day < data.days; day++) {
    const from = endOfData / 1000 - (data.days - day) * 86_400;
    // A trace may go on past midnight: its summary is made of both days.
    const within = `bucket >= toDateTime(${from}, 'UTC') AND bucket < toDateTime(${from + 86_400}, 'UTC')`;
    const near = `bucket >= toDateTime(${from - 3600}, 'UTC') AND bucket < toDateTime(${from + 90_000}, 'UTC')`;
    await clickhouse.command(
      `INSERT INTO trace_buckets (project, trace_id, bucket) SELECT DISTINCT project, trace_id, bucket FROM spans WHERE ${within}`,
    );
    await clickhouse.command(summaryRows(near, within));
    for (const kind of sliceKindNames) {
      await clickhouse.command(rollSql(kind, within, 1));
      await clickhouse.command(foldSql(kind, folds.hour, within));
      await clickhouse.command(foldSql(kind, folds.day, within));
    }
  }
  tell("summaries and rollups");
}

const spanColumns = [
  ...["project", "bucket", "lane", "trace_id", "span_id", "version", "parent_span_id", "start_time", "end_time"],
  ...["duration_us", "time_to_first_chunk_us", "name", "role", "family", "operation", "provider", "request_model"],
  ...["response_model", "tool_name", "user_id", "conversation_id", "environment", "service", "team", "feature"],
  ...["usage_state", "input_tokens", "output_tokens", "price_state", "cost", "outcome", "refusal", "error_class"],
  ...["attempt", "fidelity"],
].join(", ");

/** A root, then calls and tools beneath it in turn. */
const spanRows = `WITH
    {first:UInt64} + intDiv(number, ${spansPerBlock}) AS block, number % ${spansPerBlock} AS place,
    if(place < 50, 0, 1 + intDiv(place - 50, 5)) AS nth, if(place < 50, place, (place - 50) % 5) AS i,
    if(nth = 0, 50, 5) AS size, block * ${tracesPerBlock} + nth AS trace,
    ${traceIdSql("trace")} AS id, sipHash64({seed:UInt32}, trace, i) AS bits,
    toInt64({begin:Int64}) + trace * {micros:Int64} AS started,
    started + i * 200000 AS begins, if(i = 0, size * 200000, 150000 + bits % 900000) AS took,
    i > 0 AND i % 3 != 0 AS model, i > 0 AND i % 3 = 0 AS tool,
    [${models.map((model) => `'${model}'`).join(", ")}][1 + (trace % ${models.length})] AS asked
  SELECT 'bench', toStartOfMinute(toDateTime(intDiv(begins + took, 1000000), 'UTC')) AS bucket,
    ${laneSql.replaceAll("trace_id", "id")}, id, reinterpretAsFixedString(sipHash64(trace, toUInt64(i), 1)), 1,
    if(i = 0, toFixedString('', 8), reinterpretAsFixedString(sipHash64(trace, toUInt64(0), 1))),
    fromUnixTimestamp64Micro(begins, 'UTC'), fromUnixTimestamp64Micro(begins + took, 'UTC'), took,
    if(model, 40000 + bits % 60000, 0), multiIf(i = 0, 'answer', tool, 'search', concat('chat ', asked)),
    multiIf(i = 0, 'wrapper', tool, 'tool', 'model'), if(model, 'generate', 'none'),
    multiIf(i = 0, 'invoke_agent', tool, 'execute_tool', 'chat'),
    if(model, multiIf(asked LIKE 'gpt%', 'openai', asked LIKE 'claude%', 'anthropic', 'other'), ''),
    if(model, asked, ''), if(model, asked, ''), if(tool, 'search', ''),
    concat('user-', toString(trace % ${users})), concat('conversation-', toString(intDiv(trace, 4))),
    if(trace % 5 = 0, 'staging', 'production'), concat('service-', toString(trace % 8)),
    concat('team-', toString(trace % 6)), concat('feature-', toString(trace % 12)), if(model, 'exact', 'none'),
    if(model, 500 + bits % 4000, 0), if(model, 20 + bits % 600, 0), if(model, 'priced', 'none'),
    if(model, toDecimal64(bits % 20000, 12) / 1000000, toDecimal64(0, 12)),
    if(model AND bits % 50 = 0, 'error', 'ok'), if(model AND bits % 97 = 0, 'explicit', 'none'),
    if(model AND bits % 50 = 0, 'rate_limit', 'none'), 1, 'exact'
  FROM numbers({count:UInt64})`;

const payloadRows = `SELECT project, bucket, lane, trace_id, span_id, version,
    concat('{"messages":[{"role":"user","content":"', if(sipHash64(span_id) % 1000 = 0, '${rareWord} ', ''),
      substring(repeat(arrayStringConcat(arrayMap(n -> hex(sipHash64(span_id, n)), range(8)), ' '), 200), 1, {size:UInt32}), '"}]}'),
    '{"choices":[{"message":{"role":"assistant","content":"It is so."}}]}'`;

const summaryRows = (near: string, within: string) => `INSERT INTO traces (project, bucket, trace_id, rank, live,
    root_span_id, name, has_root, start_time, end_time, duration_us, spans, calls, tool_calls, errors, refusals,
    priced_calls, input_tokens, output_tokens, cost, outcome, outcomes, refusal, user_id, conversation_id, environments,
    services, teams, features, providers, request_models, response_models, operations, tool_names)
  SELECT project, last, trace_id, rank, true, root, 'answer', true, began, ended, took, n, calls, tools, errors, refusals,
    calls, input, output, cost, if(errors > 0, 'error', 'ok'), outcomes, if(refusals > 0, 'explicit', 'none'), user,
    conversation, environments, services, teams, features, providers, models, models, operations, tool_names FROM
  (
    SELECT project, trace_id, max(bucket) AS last, sum(toUInt128(version)) AS rank,
      anyIf(span_id, parent_span_id = toFixedString('', 8)) AS root, min(start_time) AS began, max(end_time) AS ended,
      dateDiff('microsecond', began, ended) AS took, count() AS n, countIf(role = 'model') AS calls,
      countIf(role = 'tool') AS tools, countIf(outcome = 'error') AS errors, countIf(refusal != 'none') AS refusals,
      sum(input_tokens) AS input, sum(output_tokens) AS output, sum(cost) AS cost, groupUniqArray(outcome) AS outcomes,
      any(user_id) AS user, any(conversation_id) AS conversation, groupUniqArray(environment) AS environments,
      groupUniqArray(service) AS services, groupUniqArray(team) AS teams, groupUniqArray(feature) AS features,
      groupUniqArrayIf(provider, provider != '') AS providers,
      groupUniqArrayIf(request_model, request_model != '') AS models, groupUniqArray(operation) AS operations,
      groupUniqArrayIf(tool_name, tool_name != '') AS tool_names
    FROM spans WHERE ${near} GROUP BY project, trace_id
  ) WHERE ${within.replaceAll("bucket", "last")}`;
