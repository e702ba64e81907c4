import type { DiagnosisCheck } from "@spanhouse/schemas/api/diagnosis";
import { cacheMissed } from "./checks/cache-missed.ts";
import { callRepeated } from "./checks/call-repeated.ts";
import { contextTruncated } from "./checks/context-truncated.ts";
import { costOutlier } from "./checks/cost-outlier.ts";
import { documentsCut } from "./checks/documents-cut.ts";
import { finishLength } from "./checks/finish-length.ts";
import { jsonInFence } from "./checks/json-in-fence.ts";
import { modelChanged } from "./checks/model-changed.ts";
import { outputNotReceived } from "./checks/output-not-received.ts";
import { promptGrowing } from "./checks/prompt-growing.ts";
import { refusalIgnored } from "./checks/refusal-ignored.ts";
import { responseFormat } from "./checks/response-format.ts";
import { retriesWasted } from "./checks/retries-wasted.ts";
import { sequentialCalls } from "./checks/sequential-calls.ts";
import { slowCall } from "./checks/slow-call.ts";
import { systemDropped } from "./checks/system-dropped.ts";
import { toolArguments } from "./checks/tool-arguments.ts";
import { toolErrorIgnored } from "./checks/tool-error-ignored.ts";
import { toolSpanMissing } from "./checks/tool-span-missing.ts";
import { unfilledVariable } from "./checks/unfilled-variable.ts";
import type { Check } from "./finding.ts";

export const checks: Readonly<Record<DiagnosisCheck, Check>> = {
  unfilled_variable: unfilledVariable,
  system_dropped: systemDropped,
  context_truncated: contextTruncated,
  documents_cut: documentsCut,
  prompt_growing: promptGrowing,
  json_in_fence: jsonInFence,
  response_format: responseFormat,
  tool_arguments: toolArguments,
  call_repeated: callRepeated,
  tool_error_ignored: toolErrorIgnored,
  tool_span_missing: toolSpanMissing,
  output_not_received: outputNotReceived,
  refusal_ignored: refusalIgnored,
  finish_length: finishLength,
  model_changed: modelChanged,
  retries_wasted: retriesWasted,
  sequential_calls: sequentialCalls,
  cost_outlier: costOutlier,
  cache_missed: cacheMissed,
  slow_call: slowCall,
};
