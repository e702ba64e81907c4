import type { Diagnosis } from "@spanhouse/schemas/api/diagnosis";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { clipped, pageOf } from "../bounded.ts";
import { mcpTool } from "../mcp-tool.ts";
import { limitArgument, offsetArgument } from "../page-arguments.ts";

export const diagnoseTrace = mcpTool({
  name: "diagnose_trace",
  title: "Diagnose a trace",
  description:
    "What is wrong with a trace, by checks that need no model: each finding with its severity, its evidence (a span, a " +
    "text of it and the bytes) and a fix. The severe come first.",
  input: { trace_id: traceIdSchema, offset: offsetArgument, limit: limitArgument(40, 20) },
  async run({ trace_id, offset, limit }, api, signal) {
    const { findings, spans, examined } = await api.json<Diagnosis>(`/v1/traces/${trace_id}/diagnosis`, {}, signal);
    const { items, total, next_offset } = pageOf(findings, offset, limit);
    const shown = items.map((finding) => ({
      ...finding,
      says: clipped(finding.says),
      evidence: { ...finding.evidence, text: clipped(finding.evidence.text) },
    }));
    return { findings: shown, total, next_offset, spans, examined };
  },
});
