import type { DeriveSpan } from "@spanhouse/consumer/derive/derive-span";
import { parseDollars } from "@spanhouse/schemas/money";
import type { PriceAnswer } from "./model-endpoint.ts";
import { detailsOfCase } from "./spans-of-case.ts";

/** What a model's answer cost, as the consumer prices it. */
export function createAnswerPrice(derive: DeriveSpan, now: () => Date): PriceAnswer {
  return (request, response) => {
    const [detail] = detailsOfCase(derive, {
      name: "answer",
      traceId: "1".repeat(32),
      service: "",
      startTime: now().toISOString(),
      redact: [],
      spans: [
        {
          span: 1,
          parent: null,
          name: "chat",
          kind: 3,
          attributes: { "gen_ai.operation.name": "chat", "gen_ai.provider.name": "openai" },
          texts: { request, response },
          startUs: 0,
          durationUs: 0,
        },
      ],
    });
    return detail?.price_state === "priced" ? parseDollars(detail.cost) : undefined;
  };
}
