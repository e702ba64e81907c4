import { createHttpSender } from "./export/http-sender.ts";
import type { Sender } from "./export/sender.ts";
import { openChannel } from "./replay/channel.ts";
import { replaySender } from "./replay/replay-sender.ts";
import { replayWorld } from "./replay/replay-world.ts";
import { environmentVariable, programName } from "./runtime.ts";
import { liveWorld, type World } from "./world.ts";

/** What may be said to `init`. All of it may be left out. */
export interface InitOptions {
  /** The gateway's address; else `SPANHOUSE_URL`, else `http://127.0.0.1:4318`, the local standalone's. */
  readonly url?: string;
  /** An ingest key; else `SPANHOUSE_API_KEY`. */
  readonly apiKey?: string;
  /** Else `OTEL_SERVICE_NAME`, else the program's file name. */
  readonly service?: string;
  /** `production`, `staging`, …; else `SPANHOUSE_ENVIRONMENT`. */
  readonly environment?: string;
  /** The version of your program; else `SPANHOUSE_RELEASE`. */
  readonly release?: string;
  /** How ended spans are sent: `kafkaTransport()` of `spanhouse/kafka`; HTTP where it is left out. */
  readonly transport?: Sender;
  /**
   * Texts of requests, answers, tools and retrievals: as they are (`full`, the default), as SHA-256 only (`hashed`), or not
   * at all (`none`). Tokens, models, times and outcomes are told in any case.
   */
  readonly content?: "full" | "hashed" | "none";
  /**
   * Sees every text before it leaves the process and returns what may leave. Of an exception that it throws nothing is
   * told, and the text is left out.
   */
  readonly redact?: (text: string) => string;
  /** The share of traces whose texts are sent, 0 to 1 (default 1). Their spans are always sent: spend stays exact. */
  readonly samplePayloads?: number;
  /** A longer body is cut there, and says so. Bytes; 1 MiB by default. */
  readonly maxPayloadBytes?: number;
  /** Of spans that wait to be sent. Beyond it whole traces are dropped, oldest first. Bytes; 32 MiB by default. */
  readonly maxQueueBytes?: number;
  /** The same as a count of spans; 100,000 by default. */
  readonly maxQueueSpans?: number;
  /** Answers what the program asks of the outside: the live network by default, a recording in a replay. */
  readonly world?: World;
  /**
   * The address of a replay, else `SPANHOUSE_REPLAY`, which `spanhouse replay` sets: everything is asked there, and spans
   * go there with their texts, whatever else is said.
   */
  readonly replay?: string;
  /** Told once of each kind of trouble, such as a receiver that cannot be reached; `console.warn` by default. */
  readonly onWarning?: (message: string) => void;
}

export interface Settings {
  readonly service: string;
  readonly environment: string | undefined;
  readonly release: string | undefined;
  readonly sender: Sender;
  readonly content: "full" | "hashed" | "none";
  readonly redact: ((text: string) => string) | undefined;
  readonly samplePayloads: number;
  readonly maxPayloadBytes: number;
  readonly maxQueueBytes: number;
  readonly maxQueueSpans: number;
  readonly world: World;
  readonly replays: boolean;
  readonly onWarning: (message: string) => void;
}

const MiB = 1024 * 1024;

/** Options, the environment, defaults, in this order. Throws a TypeError that names the option that makes no sense. */
export const settingsOf = (options: InitOptions): Settings => {
  const replay = options.replay ?? environmentVariable("SPANHOUSE_REPLAY");
  if (replay === undefined) return liveSettings(options);
  const channel = openChannel(checkedUrl(replay));
  const transport = replaySender(channel);
  const whole = { content: "full", samplePayloads: 1, maxPayloadBytes: 8 * MiB } as const;
  return { ...liveSettings({ ...options, ...whole, transport, world: replayWorld(channel) }), replays: true };
};

const liveSettings = (options: InitOptions): Settings => ({
  service: options.service ?? environmentVariable("OTEL_SERVICE_NAME") ?? programName(),
  environment: options.environment ?? environmentVariable("SPANHOUSE_ENVIRONMENT"),
  release: options.release ?? environmentVariable("SPANHOUSE_RELEASE"),
  sender:
    options.transport ??
    createHttpSender({
      url: checkedUrl(options.url ?? environmentVariable("SPANHOUSE_URL") ?? "http://127.0.0.1:4318"),
      apiKey: options.apiKey ?? environmentVariable("SPANHOUSE_API_KEY"),
      timeoutMs: 10_000,
    }),
  content: options.content ?? "full",
  redact: options.redact,
  samplePayloads: within("samplePayloads", options.samplePayloads ?? 1, 0, 1),
  maxPayloadBytes: within("maxPayloadBytes", options.maxPayloadBytes ?? MiB, 0, 8 * MiB),
  maxQueueBytes: within("maxQueueBytes", options.maxQueueBytes ?? 32 * MiB, 0, Infinity),
  maxQueueSpans: within("maxQueueSpans", options.maxQueueSpans ?? 100_000, 0, Infinity),
  world: options.world ?? liveWorld,
  replays: false,
  onWarning:
    options.onWarning ??
    ((message) => {
      // biome-ignore lint/suspicious/noConsole: the host has no other place to be told at
      console.warn(`spanhouse: ${message}`);
    }),
});

const checkedUrl = (url: string): string => {
  if (!/^https?:\/\/[^/]/.test(url) || !URL.canParse(url)) {
    throw new TypeError(`spanhouse: url must be an http or https address, got ${JSON.stringify(url)}`);
  }
  return url;
};

const within = (name: string, value: number, least: number, most: number): number => {
  if (typeof value === "number" && value >= least && value <= most) return value;
  throw new TypeError(`spanhouse: ${name} must be a number from ${least} to ${most}, got ${String(value)}`);
};
