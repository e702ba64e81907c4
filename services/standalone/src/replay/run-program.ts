import { spawn } from "node:child_process";
import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Case } from "./case-file.ts";
import type { ProgramEnd } from "./report.ts";

/** Keys that clients of providers look for. A program gets none that is true, and all that make its clients start. */
const providerKeys = [
  ...["OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "ANTHROPIC_API_KEY", "ANTHROPIC_AUTH_TOKEN", "GEMINI_API_KEY"],
  ...["GOOGLE_API_KEY", "MISTRAL_API_KEY", "GROQ_API_KEY", "DEEPSEEK_API_KEY", "XAI_API_KEY", "PERPLEXITY_API_KEY"],
  ...["COHERE_API_KEY", "CO_API_KEY", "OPENROUTER_API_KEY", "TOGETHER_API_KEY", "FIREWORKS_API_KEY"],
  ...["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"],
] as const;

/** What must not reach a replayed program: keys to Spanhouse and to the operator's endpoint, and where spans went. */
const withheld = /^(?:SPANHOUSE_|OTEL_EXPORTER_|AWS_SESSION_TOKEN$|AWS_PROFILE$)/;

export interface ProgramOptions {
  /** What SPANHOUSE_REPLAY says. */
  readonly address: string;
  readonly recorded: Case;
  readonly environment: Environment;
  readonly signal: AbortSignal;
  /** The program is ended after so long. */
  readonly timeoutMs: number;
  /** Whether what it prints goes to stderr: stdout is for a program that reads the report. */
  readonly stdoutToStderr: boolean;
}

/**
 * Runs the user's own program on a replay: without keys, its spans and questions sent to `address` by its SDK. `{input}` in
 * an argument becomes the recorded input (`{input.FIELD}` a field of it). Throws CONFIG where it cannot be started.
 */
export async function runProgram(command: readonly string[], options: ProgramOptions): Promise<ProgramEnd> {
  const { recorded, address, environment, signal, timeoutMs } = options;
  const input = recorded.spans[0]?.texts.input;
  const [program = "", ...args] = command.map((argument) => withInput(argument, input));
  const own = Object.entries(environment).filter(([name]) => !withheld.test(name));
  const child = spawn(program, args, {
    env: {
      ...Object.fromEntries(own),
      ...Object.fromEntries(providerKeys.map((name) => [name, "spanhouse-replay"])),
      SPANHOUSE_REPLAY: address,
      SPANHOUSE_REPLAY_INPUT: input ?? "",
    },
    stdio: ["ignore", options.stdoutToStderr ? 2 : "inherit", "inherit"],
    signal,
    killSignal: "SIGTERM",
    timeout: timeoutMs,
  });
  return await new Promise((resolve, reject) => {
    child.on("error", (error: NodeJS.ErrnoException) => {
      // The signal ended it: that is told by its close.
      if (error.name === "AbortError") return;
      reject(new SpanhouseError("CONFIG", `${JSON.stringify(program)}: ${error.message}; expected a program after --`));
    });
    child.on("close", (code, ended) => resolve({ code, signal: ended }));
  });
}

/** `{input}` is the recorded input: a text as it is, anything else as JSON. */
function withInput(argument: string, input: string | undefined): string {
  return argument.replace(/\{input((?:\.\w+)*)\}/g, (_, path: string) => {
    let value: unknown = input === undefined ? "" : JSON.parse(input);
    for (const key of path.split(".").slice(1)) value = (value as Readonly<Record<string, unknown>> | null)?.[key];
    return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
  });
}
