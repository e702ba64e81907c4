import { once } from "node:events";
import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { z } from "zod";
import { readCases } from "./case-store.ts";
import { replayOptionsOf } from "./replay-options.ts";
import { ReplayRun } from "./replay-run.ts";
import { startReplayServer } from "./replay-server.ts";
import { reportOf } from "./report.ts";
import { reportLines } from "./report-text.ts";

/** Of the report in the message of a test that fails. */
const textWidth = 120;

const requestSchema = z.strictObject({
  case: z.string(),
  on_miss: z.string().default("fail"),
  delays: z.string().default("none"),
  live: z.array(z.string()).default([]),
});

interface Serving {
  readonly environment: Environment;
  readonly derive: DeriveSpan;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Answers the helpers of vitest and pytest, which start it: until their end of stdin, or a signal. */
export async function serveHelpers({ environment, derive, signal, print }: Serving): Promise<number> {
  const server = await startReplayServer({
    async open(request) {
      const { case: path, on_miss, delays, live } = requestSchema.parse(request);
      const [recorded, ...others] = readCases(path);
      if (recorded === undefined || others.length > 0) throw new SpanhouseError("CONFIG", `${path}: expected one case`);
      return new ReplayRun(recorded, replayOptionsOf({ onMiss: on_miss, delays, live }, environment, derive));
    },
    async report(run, error) {
      const { report } = reportOf(run, { code: error === undefined ? 0 : 1, signal: null, error }, derive);
      return { ...report, text: reportLines(report, textWidth, (text) => text).join("\n") };
    },
  });
  print(server.url);
  process.stdin.resume();
  await Promise.race([once(process.stdin, "end"), once(signal, "abort")]);
  process.stdin.pause();
  await server.stop();
  return 0;
}
