import { type Answer, answerTo } from "./answer.ts";
import { type BrokenReply, faultOf } from "./faults.ts";
import type { Prompt } from "./prompt.ts";
import type { Provider, ProviderApi } from "./provider-api.ts";
import { type Scenario, scriptOf } from "./script.ts";

/** What the simulator does with a request: it depends on the request, its attempt and the script alone. */
export type Decision =
  | {
      readonly kind: "error";
      /** Undefined when the request could not be read. */
      readonly prompt: Prompt | undefined;
      readonly status: number;
      readonly code: string;
      readonly message: string;
      /** Seconds. */
      readonly retryAfter?: number | undefined;
    }
  | {
      readonly kind: "answer";
      readonly prompt: Prompt;
      readonly answer: Answer;
      readonly broken: BrokenReply | undefined;
    };

export interface Asked {
  readonly headers: Parameters<Provider["key"]>[0];
  readonly body: unknown;
  /** From 0. */
  readonly attempt: number;
}

export const decide = (
  api: ProviderApi,
  { headers, body, attempt }: Asked,
  scenarios: readonly Scenario[],
): Decision => {
  if (api.provider.key(headers) === undefined)
    return { kind: "error", prompt: undefined, status: 401, ...api.provider.defaultError(401, "") };
  const prompt = api.read(body);
  if ("kind" in prompt) return { kind: "error", prompt: undefined, status: 400, code: "", message: prompt.message };
  const directives = scriptOf(prompt, headers["x-simulator-script"]?.toString(), scenarios);
  if ("kind" in directives) return { kind: "error", prompt, status: 400, code: "", message: directives.message };

  const fault = faultOf(directives, attempt);
  if (fault?.kind === "status") {
    const { code, message } = api.provider.defaultError(fault.status, prompt.model);
    const { status, retryAfter } = fault;
    return { kind: "error", prompt, status, code: fault.code || code, message, retryAfter };
  }
  return { kind: "answer", prompt, answer: answerTo(prompt, directives), broken: fault };
};
