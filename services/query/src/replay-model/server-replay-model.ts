import type { ReplayModelConfig } from "./config.ts";
import { callOf, costOf, type DeriveCall } from "./read-call.ts";
import { createReplayModel, type ReplayModel } from "./replay-model.ts";

/** Of a server: a budget a day for each project, in this process. `presentDerive` prices by the project's rules of now. */
export function createServerReplayModel(
  config: ReplayModelConfig,
  presentDerive: () => Promise<DeriveCall>,
): ReplayModel {
  return createReplayModel({
    config,
    costOf,
    readCall: async (project, request, response) => callOf(await presentDerive(), project, request, response),
    period: () => new Date().toISOString().slice(0, 10),
  });
}
