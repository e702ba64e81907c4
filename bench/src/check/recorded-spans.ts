import type { StoredSpan } from "@spanhouse/conformance/integrations/verdict";
import type { ClickHouse } from "@spanhouse/store/clickhouse";
import { isAggregate } from "@spanhouse/store/version";
import { picoDollars } from "./pico-dollars.ts";

type Row = readonly string[];

const columns = [
  ...["lower(hex(s.span_id))", "s.role", "s.family", "s.request_model", "s.response_model", "s.response_id"],
  ...["s.tool_name", "s.usage_state", "s.price_state", "s.outcome", "toString(s.cost)", "toString(s.version)"],
  ...["toString(toUnixTimestamp64Nano(s.start_time))", "toString(toUnixTimestamp64Nano(s.end_time))"],
  ...["s.input_tokens", "s.cache_read_tokens", "s.cache_write_tokens", "s.output_tokens", "s.reasoning_tokens"].map(
    (count) => `toString(${count})`,
  ),
  ...["lower(hex(s.trace_id))", "s.user_id", "s.conversation_id"],
  ...["if(p.request = '', '', 'y')", "if(p.response = '', '', 'y')"],
];

/** Every span of a project as it lies in the store. */
export async function recordedSpans(clickhouse: ClickHouse, project: string): Promise<StoredSpan[]> {
  const rows = await clickhouse.queryRows<Row>(
    `SELECT ${columns.join(", ")} FROM spans AS s FINAL LEFT JOIN
       (SELECT trace_id, span_id, request, response FROM span_payloads FINAL WHERE project = {project: String}) AS p
       ON s.trace_id = p.trace_id AND s.span_id = p.span_id
     WHERE s.project = {project: String}`,
    { project },
  );
  return rows.map((row) => {
    const [spanId, role, family, requestModel, responseModel, responseId, toolName, usageState, ...rest] =
      row as string[];
    const [priceState, outcome, cost, version, startTime, endTime, input, read, write, output, reasoning, ...more] =
      rest;
    const [traceId, userId, conversationId, ...texts] = more;
    const [hasRequest, hasResponse] = texts.map((text) => text !== "");
    return {
      ...{ spanId: spanId!, role: role!, family: family!, requestModel: requestModel!, responseModel: responseModel! },
      ...{ responseId: responseId!, toolName: toolName!, usageState: usageState!, priceState: priceState! },
      ...{ outcome: outcome!, traceId: traceId!, userId: userId!, conversationId: conversationId! },
      cost: BigInt(picoDollars(cost!)),
      aggregate: isAggregate(BigInt(version!)),
      startTime: BigInt(startTime!),
      endTime: BigInt(endTime!),
      usage: {
        inputTokens: Number(input),
        cacheReadTokens: Number(read),
        cacheWriteTokens: Number(write),
        outputTokens: Number(output),
        reasoningTokens: Number(reasoning),
      },
      hasRequest: hasRequest!,
      hasResponse: hasResponse!,
    };
  });
}
