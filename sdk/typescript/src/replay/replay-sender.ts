import { outcomeOfAnswer } from "../export/http-outcome.ts";
import type { Sender } from "../export/sender.ts";
import type { ReplayChannel } from "./channel.ts";

/** Sends spans to a replay before it returns, so that a program that ends by `process.exit` has told all. */
export const replaySender = (channel: ReplayChannel): Sender => ({
  async send({ traces, request }) {
    try {
      const pieces = request(traces.flatMap(({ spans }) => spans));
      return outcomeOfAnswer(channel.sendNow(Buffer.concat(pieces)), undefined, new Uint8Array());
    } catch (error) {
      return { kind: "refused", reason: String(error) };
    }
  },
  close: async () => undefined,
});
