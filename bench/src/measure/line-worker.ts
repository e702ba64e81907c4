import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";

/** A process that answers each command, a line of JSON, with a line of JSON. */
export interface LineWorker {
  /** Rejects when the process ends before its answer, or gives none within the worker's time. */
  run<Answer>(command: object): Promise<Answer>;
  stop(): void;
}

/**
 * Starts it, and waits for its first line. Commands go to its standard input; answers come on descriptor 3, which is theirs
 * alone: what libraries print would stand before an answer on its line, and the answer would be waited for in vain.
 */
export async function startLineWorker(
  name: string,
  command: string,
  args: readonly string[],
  /** So long is an answer waited for. */
  answerWithinMs = 300_000,
): Promise<LineWorker> {
  const child = spawn(command, args, { stdio: ["pipe", "pipe", "pipe", "pipe"] });
  const [input, output, errors, answers] = child.stdio as unknown as [Writable, Readable, Readable, Readable];
  const said: string[] = [];
  const hear = (data: Buffer): void => {
    said.push(String(data));
    if (said.length > 100) said.shift();
  };
  output.on("data", hear);
  errors.on("data", hear);
  // A process that has ended says so by the end of its answers.
  input.on("error", () => undefined);
  child.on("error", (error) => said.push(error.message));
  const lines = createInterface({ input: answers })[Symbol.asyncIterator]();

  const next = async (asked: string): Promise<unknown> => {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        const wait = `${Math.round(answerWithinMs / 1000)} s`;
        reject(new Error(`${name} has not answered ${asked} within ${wait}; it said: ${said.join("").slice(-2_000)}`));
      }, answerWithinMs);
    });
    try {
      const { value, done } = await Promise.race([lines.next(), late]);
      if (done) throw new Error(`${name} has ended before it answered ${asked}: ${said.join("").slice(-2_000)}`);
      return JSON.parse(value);
    } catch (error) {
      child.kill("SIGKILL");
      throw error;
    } finally {
      clearTimeout(timer);
    }
  };
  await next("that it is ready");
  return {
    run<Answer>(given: object) {
      const line = JSON.stringify(given);
      input.write(`${line}\n`);
      return next(line) as Promise<Answer>;
    },
    stop: () => child.kill("SIGKILL"),
  };
}
