import type { JsonObject } from "../json-value.ts";
import type { Message, MessageFormat, Part, RetrievedDocument, ToolDefinition } from "./message.ts";

/** What a request says; what it does not say is left out. */
export interface Prompt {
  readonly system?: readonly Part[];
  readonly input?: readonly Message[];
  readonly tools?: readonly ToolDefinition[];
  readonly query?: string | null;
  readonly documents?: readonly RetrievedDocument[];
  readonly inputs?: readonly Part[];
}

/** What a response says. */
export interface Answer {
  readonly output?: readonly Message[];
  readonly documents?: readonly RetrievedDocument[];
}

/**
 * One format of requests and responses; a file each. Both functions are pure and total, and answer undefined for what is
 * not of their format. Several formats have requests that look alike: `messageReaders` tries the more specific first.
 */
export interface MessageReader {
  readonly format: MessageFormat;
  /** `body` is a request; of a list of messages, `{messages: [...]}`. */
  prompt(body: JsonObject): Prompt | undefined;
  /** `bodies` is one response, the events of a streamed one, or a list of messages. */
  answer(bodies: readonly JsonObject[]): Answer | undefined;
}
