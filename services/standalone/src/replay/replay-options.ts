import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import type { Environment } from "@spanhouse/schemas/environment";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { createModelEndpoint } from "./model-endpoint.ts";
import type { OnMiss, ReplayOptions } from "./replay-run.ts";

/** As a command line or a test helper says them. */
export interface SaidOptions {
  readonly onMiss: string;
  readonly delays: string;
  readonly live: readonly string[];
}

/** Throws CONFIG for what cannot be meant. */
export function replayOptionsOf(
  said: SaidOptions,
  environment: Environment,
  derive: DeriveSpan,
  dataDir?: string,
): ReplayOptions {
  const wrong = said.live.find((one) => !/^(?:tool|retrieval):./.test(one));
  if (wrong !== undefined) {
    throw new SpanhouseError("CONFIG", `--live: expected tool:NAME or retrieval:NAME; got ${JSON.stringify(wrong)}`);
  }
  if (said.delays !== "none" && said.delays !== "recorded") {
    throw new SpanhouseError("CONFIG", `--delays: expected none or recorded; got ${JSON.stringify(said.delays)}`);
  }
  return { onMiss: onMissOf(said.onMiss, environment, derive, dataDir), delays: said.delays, live: new Set(said.live) };
}

function onMissOf(kind: string, environment: Environment, derive: DeriveSpan, dataDir: string | undefined): OnMiss {
  switch (kind) {
    case "fail":
    case "nearest":
      return { kind };
    case "model":
      return { kind, endpoint: createModelEndpoint(environment, derive, dataDir) };
  }
  throw new SpanhouseError("CONFIG", `--on-miss: expected fail, nearest or model; got ${JSON.stringify(kind)}`);
}
