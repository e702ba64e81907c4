import { parseJson } from "@spanhouse/schemas/json-value";
import { type Check, words } from "../finding.ts";
import { schemaFault } from "../json-schema.ts";
import { askedForm, fencedJson, wholeAnswer } from "../response-format.ts";

/** The answer is no JSON although the request has a response format, or does not fit its schema. */
export const responseFormat: Check = ({ calls }) =>
  calls.flatMap((call) => {
    const answer = wholeAnswer(call);
    const asked = askedForm(call);
    if (answer === undefined || !asked?.declared) return [];
    const value = parseJson(answer) ?? fencedJson(answer)?.value;
    const fault = value === undefined ? "it is no JSON" : schemaFault(asked.schema, value);
    if (fault === undefined) return [];
    return [
      {
        severity: "error" as const,
        span_id: call.facts.span_id,
        evidence: words(call, "response", answer),
        says: `The answer does not fit the response format: ${fault}`,
        fix: "Use strict mode where the provider has it; else check the answer and ask once more with the fault.",
      },
    ];
  });
