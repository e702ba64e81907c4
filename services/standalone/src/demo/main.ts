import { createInterface } from "node:readline";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { z } from "zod";
import { runDemo } from "./run-demo.ts";

/**
 * The demonstration as a process of its own, so that its instrumentation touches nobody else's clients. The first line
 * of stdin says what to do; the end of stdin (also: the parent is gone) ends it. Each delivered trace is a line
 * `{"traceId": …}` on stdout.
 */
const optionsSchema = z.strictObject({ url: z.url(), apiKey: z.string(), pace: z.number(), seed: z.string() });

// A terminal's Ctrl-C reaches this process too; the parent, whom it also reaches, ends it in order.
process.on("SIGINT", () => undefined);

const lines = createInterface({ input: process.stdin });
const stopped = new AbortController();
lines.once("close", () => stopped.abort());
const options = await new Promise<z.infer<typeof optionsSchema>>((resolve, reject) => {
  lines.once("line", (line) => resolve(optionsSchema.parse(JSON.parse(line))));
  lines.once("close", () => reject(new Error("the demonstration was given no options on stdin")));
});

const simulator = await startProviderSimulator({ keep: 100 });
try {
  await runDemo({
    ...options,
    simulatorUrl: simulator.url,
    conversations: Infinity,
    signal: stopped.signal,
    onTrace: (traceId) => process.stdout.write(`${JSON.stringify({ traceId })}\n`),
  });
} catch (error) {
  const reasons = [error].flat().map((reason) => (reason instanceof Error ? reason.message : String(reason)));
  process.stderr.write(`demonstration: spans were not accepted by ${options.url}: ${reasons.join("; ")}\n`);
  process.exitCode = 1;
} finally {
  await simulator.stop();
  lines.close();
}
