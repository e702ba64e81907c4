import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { episodes } from "../../src/demo/conversations.ts";
import { runDemo } from "../../src/demo/run-demo.ts";
import { requestOfTrace, startOtlpReceiver } from "./otlp-receiver.ts";

/** Each episode once, with what was emitted for it and what the simulator knows of its calls. At most once a process. */
export const recordDemo = async () => {
  const receiver = await startOtlpReceiver("sk-demo");
  const simulator = await startProviderSimulator();
  try {
    const { traceIds } = await runDemo({
      url: receiver.url,
      apiKey: "sk-demo",
      simulatorUrl: simulator.url,
      conversations: episodes.length,
      pace: 0,
      seed: "fixtures",
      onTrace: () => ends.push(simulator.requests().length),
    });
    return traceIds.map((traceId, i) => ({
      episode: episodes[i] ?? "answered",
      name: `${String(i).padStart(2, "0")}-${episodes[i]}`,
      traceId,
      request: requestOfTrace(receiver.requests(), traceId),
      truth: simulator.requests().slice(ends[i - 1] ?? 0, ends[i]),
    }));
  } finally {
    await simulator.stop();
    await receiver.stop();
  }
};

const ends: number[] = [];

export type RecordedConversation = Awaited<ReturnType<typeof recordDemo>>[number];
