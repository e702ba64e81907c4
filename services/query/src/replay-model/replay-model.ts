import type { replayModelPaths } from "@spanhouse/schemas/api/replay-model";
import type { SpanDetail } from "@spanhouse/schemas/api/spans";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { PicoDollars } from "@spanhouse/schemas/money";
import type { ReplayModelConfig } from "./config.ts";

export interface ReplayQuestion {
  readonly path: (typeof replayModelPaths)[number];
  /** A JSON object. */
  readonly request: string;
}

export interface AnsweredQuestion {
  readonly status: number;
  readonly contentType: string;
  readonly response: string;
  /** The call as the consumer would store it: of an answer that is no error. */
  readonly call: SpanDetail | undefined;
  /** Undefined: nothing says what it cost. */
  readonly cost: PicoDollars | undefined;
  readonly durationUs: number;
}

/** Asks the operator's endpoint with the operator's key, which leaves it for nobody. */
export interface ReplayModel {
  readonly model: string | undefined;
  readonly budget: PicoDollars;
  /** By a project, in this period. */
  spent(project: string): PicoDollars;
  /**
   * The budget is looked at before each request: those that are under way may go beyond it. So many answers without a
   * price are let through, and then none. Rejects with REPLAY_BUDGET or REPLAY_MODEL_FAILED.
   */
  ask(project: string, question: ReplayQuestion, signal: AbortSignal): Promise<AnsweredQuestion>;
}

/** What a call was and cost, from its bodies; as the consumer derives and prices it. */
export type ReadCall = (project: string, request: string, response: string) => Promise<SpanDetail | undefined>;

export interface ReplayModelParts {
  readonly config: ReplayModelConfig;
  readonly readCall: ReadCall;
  readonly costOf: (call: SpanDetail) => PicoDollars | undefined;
  /** Whenever it gives another text, budgets begin anew. */
  readonly period: () => string;
}

const timeoutMs = 120_000;
const maxAnswerBytes = 16 * 1024 * 1024;
/** Of a model of one's own, which no list has. */
const mostUnpriced = 100;

export function createReplayModel({ config, readCall, costOf, period }: ReplayModelParts): ReplayModel {
  const { url, apiKey, model, budget } = config;
  let current = "";
  let accounts = new Map<string, { spent: PicoDollars; unpriced: number }>();

  function account(project: string) {
    const now = period();
    if (now !== current) [current, accounts] = [now, new Map()];
    const known = accounts.get(project) ?? { spent: 0n, unpriced: 0 };
    accounts.set(project, known);
    return known;
  }

  return {
    model,
    budget,
    spent: (project) => account(project).spent,
    async ask(project, { path, request }, signal) {
      const before = account(project);
      if (before.spent >= budget) {
        throw new SpanhouseError("REPLAY_BUDGET", "The budget of SPANHOUSE_REPLAY_BUDGET is used up.");
      }
      if (before.unpriced >= mostUnpriced) {
        const why = `${mostUnpriced} answers had no price, so that no budget can be kept.`;
        throw new SpanhouseError("REPLAY_BUDGET", `${why} Give the model one: spanhouse prices set.`);
      }
      const asked = model === undefined ? request : JSON.stringify({ ...(JSON.parse(request) as object), model });
      const began = performance.now();
      const { status, contentType, response } = await send(`${url}${path}`, asked, apiKey, signal);
      const durationUs = Math.round((performance.now() - began) * 1000);
      const call = status < 400 ? await readCall(project, asked, response) : undefined;
      const cost = status < 400 ? call && costOf(call) : 0n;
      const after = account(project);
      if (cost === undefined) after.unpriced++;
      else after.spent += cost;
      return { status, contentType, response, call, cost, durationUs };
    },
  };
}

async function send(url: string, body: string, apiKey: string, signal: AbortSignal) {
  const headers = { "content-type": "application/json", ...(apiKey !== "" && { authorization: `Bearer ${apiKey}` }) };
  try {
    const until = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    // An endpoint that sends us elsewhere would send the key and the prompt along.
    const answer = await fetch(url, { method: "POST", headers, body, signal: until, redirect: "error" });
    return {
      status: answer.status,
      contentType: answer.headers.get("content-type") ?? "application/json",
      response: await boundedText(answer),
    };
  } catch (error) {
    if (signal.aborted || error instanceof SpanhouseError) throw error;
    throw new SpanhouseError("REPLAY_MODEL_FAILED", "The endpoint of SPANHOUSE_REPLAY_MODEL_URL did not answer.", {
      cause: error,
    });
  }
}

async function boundedText(answer: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (answer.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > maxAnswerBytes) {
      throw new SpanhouseError("REPLAY_MODEL_FAILED", `The endpoint's answer is longer than ${maxAnswerBytes} bytes.`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
