import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, type Observation, words } from "../finding.ts";
import { systemTexts, userTexts } from "../message-texts.ts";

const fix = "Fill the variable before the prompt is sent, and fail where it has no value.";

/** What no value is, in a place where a value belongs; each finds the words that show it. */
const everywhere: readonly RegExp[] = [
  /\{\{\s*[A-Za-z_][\w.-]*\s*\}\}/,
  /\$\{\s*[A-Za-z_][\w.]*\s*\}/,
  /\[object Object\]/,
  // A whole value after its label, in a tag, or in quotes.
  /^[ \t>*-]*[\w ]{1,40}:[ \t]*(?:undefined|NaN)[ \t]*[.,]?$/m,
  /<([\w-]+)>\s*(?:undefined|NaN|None|null)\s*<\/\1>/,
  // A label that names someone or something always has a value: "Allergies: None" is an answer, "Name: None" is not.
  /^[ \t>*-]*(?:[\w ]{0,30}\b)?(?:name|id|e-?mail|user|customer|account|order|date|today|language|locale|context|question|query|city|company|product|topic)[ \t]*:[ \t]*(?:None|null)[ \t]*[.,]?$/im,
  /\b(?:hello|hi|dear)[ ,]+(?:undefined|None|null|NaN)\b/i,
  /[$€£]NaN\b|\bNaN ?%/,
];

/** In instructions, which a template made; a user may well ask about undefined. */
const inInstructions: readonly RegExp[] = [
  /\b(?:for|to|with|named|called|customer|user|order|account|by|in) (?:undefined|None|NaN)\b(?=[.,;:!?)\n]|$| and | with | on | in )/,
];

/** As a whole argument of a tool. */
const asArgument = /^(?:undefined|NaN|\[object Object\]|\{\{\s*[A-Za-z_][\w.-]*\s*\}\}|\$\{\s*[A-Za-z_][\w.]*\s*\})$/;

/** A template variable that reached the model, or a tool, without a value. */
export const unfilledVariable: Check = ({ calls, tools }) => {
  const seen = new Set<string>();
  return [...calls.flatMap(inPrompt), ...tools.flatMap(inArguments)].filter(({ evidence: { text }, span_id }) => {
    // The same words in every call of a conversation are one fault; a tool's own are told with the tool.
    const key = tools.some(({ facts }) => facts.span_id === span_id) ? `${span_id} ${text}` : text;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
};

function inPrompt(call: DiagnosedSpan): Observation[] {
  const instructions = systemTexts(call.said).map((text) => ({ text, patterns: [...everywhere, ...inInstructions] }));
  const asked = userTexts(call.said).map((text) => ({ text, patterns: everywhere }));
  return [...instructions, ...asked].flatMap(({ text, patterns }) => {
    const plain = withoutCode(text);
    if (speaksOfTemplates.test(plain)) return [];
    return patterns.flatMap((pattern) => {
      const found = pattern.exec(plain)?.[0].trim();
      return found === undefined ? [] : [observation(call, "request", found)];
    });
  });
}

function inArguments(tool: DiagnosedSpan): Observation[] {
  const call = tool.said.input[0]?.parts[0];
  if (call?.type !== "tool_call") return [];
  const found = strings(call.arguments).filter((text) => asArgument.test(text));
  return found.map((text) => observation(tool, "tool_arguments", text));
}

function observation(span: DiagnosedSpan, field: "request" | "tool_arguments", found: string): Observation {
  return {
    severity: "error",
    span_id: span.facts.span_id,
    evidence: words(span, field, found),
    says: `${JSON.stringify(found)} stands where a value should be.`,
    fix,
  };
}

/** Who asks for a template writes placeholders on purpose. */
const speaksOfTemplates =
  /\b(?:template|templating|placeholder|handlebars|mustache|jinja|interpolat|liquid|string literal)/i;

function withoutCode(text: string): string {
  return text.replace(/```[\s\S]*?(?:```|$)/g, " ").replace(/`[^`\n]*`/g, " ");
}

function strings(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value !== "object" || value === null) return [];
  return Object.values(value).flatMap(strings);
}
