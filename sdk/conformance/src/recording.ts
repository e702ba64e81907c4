import type { Answer } from "./answer.ts";
import type { SimulatedUsage } from "./tokens.ts";

/** How a request ended, as the simulator saw it: the truth that traces are compared with. */
export type SimulatedOutcome =
  | "ok"
  | "refused"
  | "filtered"
  | "truncated"
  /** An HTTP error was answered. */
  | "error"
  /** The simulator broke the connection. */
  | "cut"
  /** The client went away before the end (after a hang too). */
  | "aborted";

/** Of an answer that went out whole. */
export const outcomeOf = ({ kind }: Answer): SimulatedOutcome => (kind === "text" || kind === "tools" ? "ok" : kind);

export interface RecordedRequest {
  /** Counts the requests from 1, in the order of their arrival. */
  readonly sequence: number;
  /** `openai.chat`, `anthropic.messages`, … */
  readonly api: string;
  readonly requestId: string;
  /** 0 for a call's first attempt. */
  readonly attempt: number;
  readonly requestModel: string;
  /** Empty when nothing was answered. */
  readonly responseModel: string;
  readonly responseId: string;
  readonly stream: boolean;
  readonly status: number;
  readonly outcome: SimulatedOutcome;
  /** What a call that ran to its end used, in inclusive terms, even where the wire did not say; null otherwise. */
  readonly usage: SimulatedUsage | null;
  /** The provider's own usage object as the whole of the answer carries it; null when it carries none. */
  readonly providerUsage: unknown;
  /** The bodies as they went over the wire; of a stream in binary frames its events as server-sent ones. */
  readonly request: string;
  readonly response: string;
  readonly requestBytes: number;
  readonly responseBytes: number;
}

/** The last `keep` requests; older ones are forgotten, so that an endless demonstration stays small. */
export const createRecording = (keep: number) => {
  const kept: RecordedRequest[] = [];
  return {
    add(request: RecordedRequest): void {
      kept.push(request);
      if (kept.length > keep) kept.shift();
    },
    list: (): readonly RecordedRequest[] => [...kept].sort((a, b) => a.sequence - b.sequence),
  };
};
