import { spanhouse } from "../../../standalone/test/built-process.ts";
import { noNetwork, programs, runLive } from "../../../standalone/test/replay/record-case.ts";
import type { ViewerRun } from "./viewer-run.ts";

/** A program's trace, and the replay of the program after it was changed, both in the viewer's deployment. */
export interface Replayed {
  readonly traceId: string;
  readonly replayId: string;
  /** What the command says where both are shown. */
  readonly address: string;
}

/** Runs the program with one greeting at `provider`, and replays it with another, which the deployment's endpoint answers. */
export async function greetAndReplay(viewer: ViewerRun, provider: string): Promise<Replayed> {
  const command = [...programs.TypeScript("greeter"), "record"];
  await runLive([...command, "Hello"], provider, { url: viewer.gatewayUrl, apiKey: viewer.apiKey });
  const { traces } = JSON.parse(await viewer.ask("/v1/traces?name=greet"));
  const [{ trace_id: traceId }] = traces as readonly { readonly trace_id: string }[] as [{ trace_id: string }];
  const options = ["--on-miss", "model", "--data", viewer.dataDir];
  const replay = spanhouse(
    ["replay", traceId, ...options, "--", ...command, "Good morning [[say Good morning, Ada.]]"],
    noNetwork,
  );
  await replay.ended;
  const [, address = "", replayId = ""] = /^side by side: (\S+\/compare\/(\w{32}))$/m.exec(replay.stdout()) ?? [];
  if (address === "") throw new Error(replay.output());
  return { traceId, replayId, address };
}
