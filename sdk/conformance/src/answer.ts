import { createHash } from "node:crypto";
import type { Prompt } from "./prompt.ts";
import { type Directive, optionNumber } from "./script.ts";
import { cutToTokens, type SimulatedUsage, tokensOf } from "./tokens.ts";

export interface ToolCall {
  readonly name: string;
  /** JSON, as the script wrote it. */
  readonly arguments: string;
}

/** What the model says, before any provider's spelling. */
export interface Answer {
  readonly kind: "text" | "tools" | "refused" | "filtered" | "truncated";
  /** The words; of a refusal its words; empty for tool calls. */
  readonly text: string;
  readonly toolCalls: readonly ToolCall[];
  readonly usage: SimulatedUsage;
  /** Milliseconds before the answer and before each streamed event. */
  readonly pace: number;
}

/** The same answer for the same prompt and directives, always. */
export const answerTo = (prompt: Prompt, directives: readonly Directive[]): Answer => {
  const find = (name: string) => directives.find((directive) => directive.name === name);
  const toolCalls = directives.filter(({ name }) => name === "tool").map(toolCallOf);
  const said = find("say")?.argument ?? derivedText(prompt.input);
  const refusal = find("refuse");
  const limit = Math.min(prompt.maxTokens ?? Infinity, find("length") ? Math.ceil(tokensOf(said) / 2) : Infinity);

  const spoken = ((): Pick<Answer, "kind" | "text"> => {
    if (!prompt.generates) return { kind: "text", text: "" };
    if (refusal) return { kind: "refused", text: refusal.argument || "I'm sorry, but I can't help with that request." };
    if (find("filter")) return { kind: "filtered", text: cutToTokens(said, Math.ceil(tokensOf(said) / 3)) };
    if (toolCalls.length > 0) return { kind: "tools", text: "" };
    if (tokensOf(said) > limit) return { kind: "truncated", text: cutToTokens(said, limit) };
    return { kind: "text", text: said };
  })();

  const cache = find("cache");
  const read = cache ? optionNumber(cache, "read", 0) : 0;
  const write1h = cache ? optionNumber(cache, "write_1h", 0) : 0;
  const write = (cache ? optionNumber(cache, "write", 0) : 0) + write1h;
  const reasoning = Number.parseInt(find("reason")?.argument ?? "0", 10);
  const calls = spoken.kind === "tools" ? toolCalls : [];
  const outputText = spoken.text + calls.map((call) => call.name + call.arguments).join("");
  return {
    ...spoken,
    toolCalls: calls,
    usage: {
      inputTokens: tokensOf(prompt.input) + read + write,
      cacheReadTokens: read,
      cacheWriteTokens: write,
      cacheWrite1hTokens: write1h,
      outputTokens: tokensOf(outputText) + reasoning,
      reasoningTokens: reasoning,
    },
    pace: Number.parseInt(find("pace")?.argument ?? "0", 10),
  };
};

/** Pieces as a stream brings them: a word with the space after it. */
export const piecesOf = (text: string): readonly string[] => text.match(/\S+\s*|\s+/g) ?? [];

const toolCallOf = ({ argument }: Directive): ToolCall => {
  const at = argument.indexOf("=");
  return at < 0
    ? { name: argument, arguments: "{}" }
    : { name: argument.slice(0, at).trim(), arguments: argument.slice(at + 1).trim() };
};

const words =
  "the order ships on time and its status is clear we checked your account with care a refund takes some days please keep this note for later thank you".split(
    " ",
  );

/** Six to thirty-three words chosen by a hash of the input. */
const derivedText = (input: string): string => {
  const digest = createHash("sha256").update(input).digest();
  const count = 6 + ((digest[0] ?? 0) % 28);
  const chosen = Array.from({ length: count }, (_, i) => words[((digest[i % 32] ?? 0) + i) % words.length] ?? "");
  const text = chosen.join(" ");
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
};
