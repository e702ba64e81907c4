import type { ChatRequest } from "./chat-request.ts";

/** A chat request as a form has it: what people edit is text. */
export interface RequestForm {
  readonly model: string;
  /** JSON of everything but the model and the messages. */
  readonly parameters: string;
  readonly messages: readonly MessageForm[];
}

export interface MessageForm {
  readonly role: string;
  /** The words; of a message that is more than words, its JSON without the role. */
  readonly text: string;
  readonly isJson: boolean;
}

export function formOf({ model, messages, ...parameters }: ChatRequest): RequestForm {
  return { model, parameters: JSON.stringify(parameters, null, 2), messages: messages.map(messageForm) };
}

function messageForm(message: unknown): MessageForm {
  const { role = "user", ...rest } = (message ?? {}) as Readonly<Record<string, unknown>>;
  const isWords = typeof rest.content === "string" && Object.keys(rest).length === 1;
  return {
    role: String(role),
    text: isWords ? (rest.content as string) : JSON.stringify(rest, null, 2),
    isJson: !isWords,
  };
}

export type EditedRequest =
  | { readonly kind: "request"; readonly request: ChatRequest }
  | { readonly kind: "wrong"; readonly message: string };

/** What the form says, or what in it is no JSON. */
export function requestOf({ model, parameters, messages }: RequestForm): EditedRequest {
  const given = objectIn(parameters.trim() === "" ? "{}" : parameters);
  if (given === undefined) return { kind: "wrong", message: "Parameters: expected a JSON object." };
  const said: unknown[] = [];
  for (const [at, { role, text, isJson }] of messages.entries()) {
    const rest = isJson ? objectIn(text) : { content: text };
    if (rest === undefined) return { kind: "wrong", message: `Message ${at + 1} (${role}): expected a JSON object.` };
    said.push({ role, ...rest });
  }
  return { kind: "request", request: { ...given, model: model.trim(), messages: said } };
}

function objectIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}
