import type { DiagnosedSpan } from "../diagnosed-trace.ts";
import { type Check, words } from "../finding.ts";
import { grouped } from "../grouped.ts";

/** Providers that keep prefixes; what they keep lives five minutes and has 1,024 tokens at least. */
const caching = /^(?:openai|azure|anthropic|aws|gcp|google|deepseek|x_ai|gemini|vertex)/;
const keptNs = 300_000_000_000n;
const leastTokens = 1500;
const leastCalls = 3;

/** Calls that begin alike, one soon after the other, of which none read the beginning from the cache. */
export const cacheMissed: Check = ({ calls }) => {
  const able = calls.filter(
    ({ facts, request }) =>
      caching.test(facts.provider) &&
      facts.usage_state === "exact" &&
      facts.outcome !== "error" &&
      facts.family === "generate" &&
      Object.keys(request).length > 0,
  );
  const groups = grouped(able, ({ facts }) => `${facts.provider}\n${facts.response_model}`);
  return groups.flatMap((group) => {
    const missed = group.filter((call, i) => i > 0 && isMiss(group[i - 1]!, call));
    if (missed.length < leastCalls - 1 || group.some(({ facts }) => facts.cache_read_tokens > 0)) return [];
    const [first, last] = [missed[0]!, missed.at(-1)!];
    const before = group[group.indexOf(first) - 1]!;
    const prefix = commonPrefix(before, first);
    return [
      {
        severity: "warning" as const,
        span_id: last.facts.span_id,
        evidence: words(first, "request", prefix.slice(0, 200)),
        says: `${missed.length + 1} calls begin with the same ${prefix.length} characters (about ${tokensOf(prefix, first)} tokens), and none was read from the cache.`,
        fix: "Mark the prefix for the cache where the provider asks for it, and keep it the same byte for byte, tools too.",
      },
    ];
  });
};

function isMiss(before: DiagnosedSpan, call: DiagnosedSpan): boolean {
  if (call.facts.cache_read_tokens > 0 || call.start < before.end || call.start - before.end > keptNs) return false;
  return tokensOf(commonPrefix(before, call), call) >= leastTokens;
}

/** By the share of the prompt's characters: what a token is differs by model and language. */
function tokensOf(prefix: string, { facts, said }: DiagnosedSpan): number {
  const whole = promptText({ said }).length;
  return whole === 0 ? 0 : Math.floor((prefix.length / whole) * facts.input_tokens);
}

function commonPrefix(before: DiagnosedSpan, call: DiagnosedSpan): string {
  const [a, b] = [promptText(before), promptText(call)];
  let length = 0;
  while (length < a.length && a.charCodeAt(length) === b.charCodeAt(length)) length++;
  return b.slice(0, length);
}

/** In the order that providers read it: tools, instructions, messages. */
function promptText({ said }: Pick<DiagnosedSpan, "said">): string {
  return [
    JSON.stringify(said.tools),
    ...said.system.map((part) => JSON.stringify(part)),
    ...said.input.map((message) => JSON.stringify(message)),
  ].join("\n");
}
