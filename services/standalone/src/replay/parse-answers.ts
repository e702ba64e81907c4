import { spawn } from "node:child_process";
import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import { renderMessages } from "@spanhouse/schemas/messages/render-messages";
import type { CommandContext } from "../command.ts";
import { paintFor, widthOf } from "../reading/paint.ts";
import { clipped } from "../reading/units.ts";
import type { Case } from "./case-file.ts";
import { detailsOfCase } from "./spans-of-case.ts";

interface ParseOptions {
  readonly derive: DeriveSpan;
  readonly json: boolean;
  readonly timeoutMs: number;
  readonly context: CommandContext;
}

/** What a program made of one recorded answer. */
interface ParsedAnswer {
  readonly case: string;
  readonly span: number;
  readonly name: string;
  readonly ok: boolean;
  readonly code: number | null;
  readonly output: string;
  readonly error: string;
}

const longestOutput = 64 * 1024;

/**
 * Runs a program's post-processing alone: once for each recorded answer of a model, the raw body on its stdin and the
 * answer's text in SPANHOUSE_ANSWER_TEXT. What it prints is what it made of it; another exit code than 0 says that it
 * could not. The exit code is 0 where it could each time, else 4.
 */
export async function parseAnswers(
  cases: readonly Case[],
  program: readonly string[],
  { derive, json, timeoutMs, context }: ParseOptions,
): Promise<number> {
  const paint = paintFor(context);
  let failed = 0;
  let all = 0;
  for (const recorded of cases) {
    const details = detailsOfCase(derive, recorded);
    for (const { span, name, texts, attributes } of recorded.spans) {
      const status = Number(attributes["http.response.status_code"] ?? 200);
      if (texts.response === undefined || status >= 400) continue;
      const text = renderMessages(details[span - 1]!)
        .output.flatMap(({ parts }) => parts)
        .map((part) => (part.type === "text" ? part.content : ""))
        .join("");
      const made = await runOn(
        program,
        texts.response,
        { ...context.environment, SPANHOUSE_ANSWER_TEXT: text.slice(0, longestOutput) },
        timeoutMs,
      );
      const parsed: ParsedAnswer = { case: recorded.name, span, name, ok: made.code === 0, ...made };
      all++;
      if (!parsed.ok) failed++;
      if (json) context.print(JSON.stringify(parsed));
      else {
        const said = parsed.ok ? parsed.output : parsed.error || parsed.output;
        const word = paint(parsed.ok ? "parsed" : "failed", parsed.ok ? "green" : "red");
        context.print(`${word}  ${recorded.name}  span ${span} ${name}  ${clipped(said.trim(), widthOf(context))}`);
      }
    }
  }
  if (!json) context.print(`${all} answers: ${all - failed} parsed, ${failed} failed`);
  return failed > 0 ? 4 : 0;
}

async function runOn(
  [program = "", ...args]: readonly string[],
  body: string,
  environment: CommandContext["environment"],
  timeoutMs: number,
): Promise<Pick<ParsedAnswer, "code" | "output" | "error">> {
  const child = spawn(program, args, { env: environment, stdio: ["pipe", "pipe", "pipe"], timeout: timeoutMs });
  const texts = { output: "", error: "" };
  for (const [stream, name] of [
    [child.stdout, "output"],
    [child.stderr, "error"],
  ] as const) {
    stream.setEncoding("utf8").on("data", (chunk: string) => {
      if (texts[name].length < longestOutput) texts[name] += chunk;
    });
  }
  // A program that does not read is no defect of ours.
  child.stdin.on("error", () => undefined).end(body);
  return await new Promise((resolve) => {
    child.on("error", (error) => resolve({ ...texts, error: error.message, code: null }));
    child.on("close", (code) => resolve({ ...texts, code }));
  });
}
