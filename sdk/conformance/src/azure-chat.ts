import { azure } from "./azure.ts";
import { openaiChat } from "./openai-chat.ts";
import type { ProviderApi } from "./provider-api.ts";

const unfiltered = { filtered: false, severity: "safe" };
const verdicts = (filtered: boolean) => ({
  hate: unfiltered,
  self_harm: unfiltered,
  sexual: unfiltered,
  violence: filtered ? { filtered, severity: "medium" } : unfiltered,
});
const ofPrompt = [{ prompt_index: 0, content_filter_results: verdicts(false) }];

/**
 * `POST /openai/deployments/DEPLOYMENT/chat/completions`: OpenAI's chat completions, what the content filter found beside
 * the choices. A stream begins with a chunk that tells of the prompt alone, without id and model.
 */
export const azureChat: ProviderApi = {
  ...openaiChat,
  name: "azure.chat",
  provider: azure,
  path: /^\/openai\/deployments\/(?<model>[^/]+)\/chat\/completions$/,

  spell(exchange) {
    const spelling = openaiChat.spell(exchange);
    if ("status" in spelling) return spelling;
    const withVerdicts = (told: unknown): object => {
      const { choices, ...rest } = told as { readonly choices: readonly { readonly finish_reason: string | null }[] };
      return {
        ...rest,
        choices: choices.map((choice) => ({
          ...choice,
          content_filter_results: verdicts(choice.finish_reason === "content_filter"),
        })),
      };
    };
    return {
      ...spelling,
      body: () => ({ ...withVerdicts(spelling.body()), prompt_filter_results: ofPrompt }),
      events: () => [
        { data: { id: "", object: "", created: 0, model: "", choices: [], prompt_filter_results: ofPrompt } },
        ...spelling.events().map(({ data }) => ({ data: typeof data === "string" ? data : withVerdicts(data) })),
      ],
    };
  },
};
