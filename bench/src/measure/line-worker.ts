import { type ChildProcessWithoutNullStreams, type SpawnOptionsWithoutStdio, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that answers each command, a line of JSON, with a line of JSON. */
export interface LineWorker {
  run<Answer>(command: object): Promise<Answer>;
  stop(): void;
}

/** Starts it, and waits for its first line. A process that ends early rejects with what it said last. */
export async function startLineWorker(
  name: string,
  command: string,
  args: readonly string[],
  options: SpawnOptionsWithoutStdio = {},
): Promise<LineWorker> {
  const child: ChildProcessWithoutNullStreams = spawn(command, args, options);
  const said: string[] = [];
  child.stderr.on("data", (data) => {
    said.push(String(data));
    if (said.length > 100) said.shift();
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const next = async (): Promise<unknown> => {
    for (;;) {
      const { value, done } = await lines.next();
      if (done) throw new Error(`${name} has ended: ${said.join("").slice(-2_000)}`);
      // Libraries print what they like; answers are JSON objects.
      if (String(value).startsWith("{")) return JSON.parse(value);
    }
  };
  await next();
  return {
    async run<Answer>(given: object) {
      child.stdin.write(`${JSON.stringify(given)}\n`);
      return (await next()) as Answer;
    },
    stop: () => child.kill("SIGKILL"),
  };
}
