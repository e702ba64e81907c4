import { writeFileSync } from "node:fs";
import { createDeriver } from "@spanhouse/consumer/derive/derive-span";
import { createGenaiPrices } from "@spanhouse/consumer/derive/price/genai-prices";
import { traceIdSchema } from "@spanhouse/schemas/api/values";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command, CommandContext } from "../command.ts";
import { parseOptions } from "../parse-options.ts";
import { paintFor, widthOf } from "../reading/paint.ts";
import { connectQuery } from "../reading/query-connection.ts";
import type { Case } from "../replay/case-file.ts";
import { keepCase, readCases } from "../replay/case-store.ts";
import { fetchCase } from "../replay/fetch-case.ts";
import { gatewayOf } from "../replay/gateway.ts";
import { parseAnswers } from "../replay/parse-answers.ts";
import { replayOptionsOf } from "../replay/replay-options.ts";
import { ReplayRun } from "../replay/replay-run.ts";
import { startReplayServer } from "../replay/replay-server.ts";
import { type ReplayReport, reportOf } from "../replay/report.ts";
import { junitOf } from "../replay/report-junit.ts";
import { reportLines } from "../replay/report-text.ts";
import { runProgram } from "../replay/run-program.ts";
import { sendOn } from "../replay/send-on.ts";
import { serveHelpers } from "../replay/serve-helpers.ts";

export const replay: Command = {
  usage: `spanhouse replay TRACE_ID [OPTION]... -- PROGRAM [ARGUMENT]...
spanhouse replay --set PATH [OPTION]... -- PROGRAM [ARGUMENT]...
spanhouse replay --serve

Runs your program with a recorded trace in the world's place: model calls, tools and retrievals of its Spanhouse SDK are
answered from the recording, without keys and network, and what it does is compared with what was recorded. {input} in an
argument is the recorded input, {input.FIELD} a field of it.

  --set PATH        every case of a folder, or one file (spanhouse case save)
  --on-miss         what happens to a question that was not recorded: fail (the default), nearest (the most alike recorded
                    answer), model (the deployment's endpoint is asked, or one of your own: SPANHOUSE_REPLAY_MODEL_URL with
                    SPANHOUSE_REPLAY_MODEL_KEY, in place of the program's model SPANHOUSE_REPLAY_MODEL, up to
                    SPANHOUSE_REPLAY_BUDGET dollars, default 1)
  --live KIND:NAME  a tool:NAME or retrieval:NAME that runs instead of being answered; repeated
  --delays          none (the default), or recorded: answers take as long as they took
  --parse           runs the program once for each recorded answer of a model, with the raw answer on stdin
  --save PATH       keeps each new run as a case, in a folder or as a file *.jsonl
  --send            sends the new run to the deployment as a trace, as is done for TRACE_ID anyway; --no-send: not then
  --timeout SECONDS after which a program is ended (default 600)
  --junit FILE      the reports as JUnit XML
  --json            each report on a line
  --serve           answers the test helpers of the SDKs until stdin ends; prints its address first

Exits with 0 where every replay is the same as recorded; 1 where the query API refuses or does not answer; 2 for wrong
arguments; 3 where something differs; 4 where a program ended badly.`,

  async run(args, context) {
    const { environment, print, signal } = context;
    const split = args.indexOf("--");
    const program = split < 0 ? [] : args.slice(split + 1);
    const { values, positionals } = parseOptions((parseArgs) =>
      parseArgs({
        args: split < 0 ? [...args] : args.slice(0, split),
        allowPositionals: true,
        allowNegative: true,
        options: {
          set: { type: "string" },
          "on-miss": { type: "string", default: "fail" },
          live: { type: "string", multiple: true, default: [] },
          delays: { type: "string", default: "none" },
          parse: { type: "boolean", default: false },
          save: { type: "string" },
          send: { type: "boolean" },
          timeout: { type: "string", default: "600" },
          junit: { type: "string" },
          json: { type: "boolean", default: false },
          serve: { type: "boolean", default: false },
          data: { type: "string" },
        },
      }),
    );
    const derive = createDeriver({ priceBook: await createGenaiPrices() });
    if (values.serve) return serveHelpers({ environment, derive, signal, print });

    const timeoutMs = Number(values.timeout) * 1000;
    if (!(timeoutMs > 0))
      throw new SpanhouseError("CONFIG", `--timeout: expected seconds; got ${JSON.stringify(values.timeout)}`);
    if (program.length === 0) throw new SpanhouseError("CONFIG", "expected a program to run, after --");
    const options = replayOptionsOf(
      { onMiss: values["on-miss"], delays: values.delays, live: values.live },
      environment,
      derive,
      values.data,
    );
    const cases = await casesOf(positionals, values, context);
    if (values.parse) return parseAnswers(cases, program, { derive, json: values.json, timeoutMs, context });

    const sends = values.send ?? values.set === undefined;
    const gateway = sends ? gatewayOf(environment, values.data) : undefined;
    const server = await startReplayServer();
    const reports: ReplayReport[] = [];
    try {
      for (const recorded of cases) {
        const run = new ReplayRun(recorded, options);
        const address = server.open(run);
        const running = { address, recorded, environment, signal, timeoutMs, stdoutToStderr: values.json };
        const end = await runProgram(program, running);
        server.close(address);
        const { report, replayed } = reportOf(run, end, derive);
        reports.push(report);
        if (values.save !== undefined && replayed.spans.length > 0) keepCase(replayed, values.save);
        const sent = gateway && (await sendOn(run, gateway));
        if (values.json) print(JSON.stringify({ ...report, ...(sent && { sent }) }));
        else {
          for (const line of reportLines(report, widthOf(context), paintFor(context))) print(line);
          const compared = `/traces/${report.recorded_trace_id}/compare/${report.replayed_trace_id}`;
          if (sent?.kind === "sent" && gateway?.viewerUrl) print(`side by side: ${gateway.viewerUrl}${compared}`);
          if (sent?.kind === "refused") print(`the new run was not sent on: ${sent.reason}`);
        }
        if (signal.aborted) break;
      }
    } finally {
      await server.stop();
    }
    if (values.junit !== undefined) writeFileSync(values.junit, junitOf(reports));
    if (!values.json && cases.length > 1) print(setLine(reports));
    return exitCodeOf(reports);
  },
};

async function casesOf(
  positionals: readonly string[],
  { set, data }: { readonly set?: string | undefined; readonly data?: string | undefined },
  { environment }: CommandContext,
): Promise<readonly Case[]> {
  const [traceId, ...others] = positionals.map((text) => traceIdSchema.safeParse(text.toLowerCase()));
  if (set !== undefined && traceId === undefined) return readCases(set);
  if (set !== undefined || others.length > 0 || !traceId?.success) {
    throw new SpanhouseError(
      "CONFIG",
      `expected one trace id, 32 hex digits, or --set PATH; got ${JSON.stringify(positionals.join(" "))}`,
    );
  }
  return [await fetchCase(connectQuery(environment, data), traceId.data)];
}

function setLine(reports: readonly ReplayReport[]): string {
  const count = (result: ReplayReport["result"]) => reports.filter((report) => report.result === result).length;
  return `\n${reports.length} cases: ${count("same")} same, ${count("differs")} differ, ${count("failed")} failed`;
}

function exitCodeOf(reports: readonly ReplayReport[]): number {
  if (reports.some(({ result }) => result === "failed")) return 4;
  return reports.some(({ result }) => result === "differs") ? 3 : 0;
}
