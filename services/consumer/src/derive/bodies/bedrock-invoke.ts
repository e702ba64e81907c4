import { countOf, objectOf, objectsOf, wordOf } from "@spanhouse/schemas/json-value";
import { AnswerCollector } from "../answer.ts";
import type { BodyFormat } from "./body-reading.ts";

/**
 * Bedrock's InvokeModel bodies of Amazon Titan (texts and embeddings), Meta Llama and Mistral, whole or as the chunks of
 * a stream, whose last one has the invocation's metrics. Anthropic's and Cohere's are their own.
 * https://docs.aws.amazon.com/bedrock/latest/userguide/model-parameters.html
 */
export const bedrockInvoke: BodyFormat = {
  recognises: (body) =>
    body.inputTextTokenCount !== undefined ||
    typeof body.generation === "string" ||
    typeof body.outputText === "string" ||
    objectsOf(body.outputs).some(({ text }) => typeof text === "string"),

  read(bodies) {
    const answer = new AnswerCollector();
    let input: number | undefined;
    let output: number | undefined;
    let reason: string | undefined;
    for (const body of bodies) {
      const results = [...objectsOf(body.results), ...objectsOf(body.outputs)];
      for (const said of [body, ...results]) {
        answer.text(said.outputText ?? said.generation ?? (said === body ? undefined : said.text));
        reason = wordOf(said.completionReason) ?? wordOf(said.stop_reason) ?? reason;
        input = countOf(said.inputTextTokenCount) ?? countOf(said.prompt_token_count) ?? input;
        output =
          countOf(said.tokenCount) ??
          countOf(said.totalOutputTextTokenCount) ??
          countOf(said.generation_token_count) ??
          output;
      }
      const metrics = objectOf(body["amazon-bedrock-invocationMetrics"]);
      input = countOf(metrics?.inputTokenCount) ?? input;
      output = countOf(metrics?.outputTokenCount) ?? output;
    }
    return {
      provider: "aws.bedrock",
      usage: input === undefined && output === undefined ? undefined : { input, output },
      finishReasons: reason === undefined ? undefined : [reason],
      answer: answer.answer,
    };
  },
};
