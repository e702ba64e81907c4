import { replaceTracer, tracer } from "./default-tracer.ts";
import { builtin, environmentVariable } from "./runtime.ts";

export interface ReplayCaseOptions {
  /** What happens to a question that was not recorded; `fail` by default. */
  readonly onMiss?: "fail" | "nearest" | "model";
  /** `tool:NAME` and `retrieval:NAME` that run instead of being answered. */
  readonly live?: readonly string[];
  /** Whether answers take as long as they took; `none` by default. */
  readonly delays?: "none" | "recorded";
}

/** What `spanhouse replay --json` says (docs/guides/replay.md), as far as a test looks at it. */
export interface ReplayCaseReport {
  /** `same`: nothing differs from the recording. `failed`: the program threw. */
  readonly result: "same" | "differs" | "failed";
  /** The whole report for a person: the message of a test that fails. */
  readonly text: string;
  readonly counts: Readonly<Record<"same" | "changed_prompt" | "changed_answer" | "new" | "gone", number>>;
  readonly spans: readonly ReplayedSpan[];
  readonly output: { readonly recorded: string; readonly replayed: string };
  /** Equal where two replays went alike, times and ids aside. */
  readonly fingerprint: string;
}

export interface ReplayedSpan {
  readonly depth: number;
  readonly name: string;
  readonly verdict: "same" | "changed_prompt" | "changed_answer" | "new" | "gone";
  readonly answered_by: "recording" | "nearest" | "model" | "live" | "nothing" | null;
  readonly asked: readonly ReplayDifference[];
  readonly answer: readonly ReplayDifference[];
}

export interface ReplayDifference {
  readonly path: string;
  readonly recorded: string | null;
  readonly replayed: string | null;
}

/** One after the other: what is asked of the world belongs to one case. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Runs a program on a case of `spanhouse case save`: `program` gets the recorded input, and all that the SDK sees of it is
 * answered from the case. Resolves with what differs; rejects where the replay itself does not work. Needs the
 * `spanhouse` command (npm `@spanhouse/server`), or `SPANHOUSE_COMMAND` that says how to start it.
 *
 *     const report = await replayCase("cases/refund.case.jsonl", (input) => agent(input));
 *     expect(report.result, report.text).toBe("same");
 */
export const replayCase = <Input = never>(
  path: string,
  program: (input: Input) => unknown,
  options: ReplayCaseOptions = {},
): Promise<ReplayCaseReport> => {
  const replayed = last.then(() => replayNow(path, program as (input: unknown) => unknown, options));
  last = replayed.catch(() => undefined);
  return replayed;
};

const replayNow = async (
  path: string,
  program: (input: unknown) => unknown,
  { onMiss = "fail", live = [], delays = "none" }: ReplayCaseOptions,
): Promise<ReplayCaseReport> => {
  const server = await serving();
  const folder = (globalThis as { process?: { cwd(): string } }).process?.cwd() ?? ".";
  const absolute = builtin("node:path")?.resolve(folder, path) ?? path;
  const opened = (await post(`${server}/runs`, { case: absolute, on_miss: onMiss, delays, live })) as {
    readonly url: string;
    readonly input: string | null;
  };
  const { given } = tracer();
  replaceTracer({ ...given, replay: opened.url });
  let error: string | undefined;
  try {
    await program(opened.input === null ? undefined : JSON.parse(opened.input));
  } catch (thrown) {
    error = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
  }
  await tracer().shutdown(10_000);
  replaceTracer(given);
  return (await post(`${opened.url}/end`, error === undefined ? {} : { error })) as ReplayCaseReport;
};

const post = async (url: string, body: object): Promise<unknown> => {
  const http = builtin("node:http");
  if (http === undefined) throw new TypeError("spanhouse: a replay needs Node's modules, or Bun's or Deno's");
  return await new Promise((resolve, reject) => {
    const request = http.request(url, { method: "POST", headers: { "content-type": "application/json" } });
    request.on("error", reject);
    request.on("response", (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("error", reject);
      response.on("end", () => {
        if (response.statusCode === 200) resolve(JSON.parse(text));
        else reject(new Error(`spanhouse: the replay answered ${response.statusCode}: ${text}`));
      });
    });
    request.end(JSON.stringify(body));
  });
};

let server: Promise<string> | undefined;

/** The address of a command that serves replays: started once, ended with this process. */
const serving = (): Promise<string> => {
  server ??= new Promise((resolve, reject) => {
    const { spawn } = builtin("node:child_process") ?? {};
    if (spawn === undefined) throw new TypeError("spanhouse: a replay needs Node's modules, or Bun's or Deno's");
    const command = environmentVariable("SPANHOUSE_COMMAND") ?? "npx --yes @spanhouse/server";
    const child = spawn(`${command} replay --serve`, { shell: true, stdio: ["pipe", "pipe", "inherit"] });
    let said = "";
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      said += text;
      if (said.includes("\n")) resolve(said.trim());
    });
    child.on("error", reject);
    child.on("exit", (code) =>
      reject(new Error(`spanhouse: \`${command} replay --serve\` ended with ${code}: ${said}`)),
    );
    // The test process may end while it runs; it ends with its stdin.
    child.unref();
    for (const stream of [child.stdin, child.stdout]) (stream as unknown as { unref(): void }).unref();
  });
  return server;
};
