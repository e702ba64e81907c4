import type { DecodedEvent, DecodedSpan } from "@spanhouse/schemas/otlp/decoded";
import { keyId } from "@spanhouse/schemas/otlp/key-registry";
import { type Slice, sliceOf } from "@spanhouse/schemas/slice";
import { AttributeReader } from "../attribute-reader.ts";
import { utf8 } from "../key-prefix.ts";
import { readIndexed } from "./indexed-attributes.ts";

const inputMessages = keyId("gen_ai.input.messages");
const outputMessages = keyId("gen_ai.output.messages");
const prompt = keyId("gen_ai.prompt");
const completion = keyId("gen_ai.completion");
const promptPrefix = utf8("gen_ai.prompt.");
const completionPrefix = utf8("gen_ai.completion.");

export interface Exchange {
  readonly request: Slice | undefined;
  readonly response: Slice | undefined;
}

/**
 * The messages of a call, wherever that version of the conventions put them: attributes now; one attribute a field of a
 * message (OpenLLMetry and before 1.27); an event for all (1.27, and `operation.details` since 1.37); an event a message
 * (1.28–1.36).
 */
export function readExchange(attributes: AttributeReader, span: DecodedSpan): Exchange {
  let request = attributes.content(inputMessages, prompt);
  let response = attributes.content(outputMessages, completion);
  for (const event of span.events) {
    if (request && response) break;
    if (!eventsWithExchange.has(event.name)) continue;
    const ofEvent = new AttributeReader(event.attributes);
    request ??= ofEvent.content(inputMessages, prompt);
    response ??= ofEvent.content(outputMessages, completion);
  }
  return {
    request: request ?? readIndexed(attributes, promptPrefix) ?? messagesOf(span.events, requestEvents),
    response: response ?? readIndexed(attributes, completionPrefix) ?? messagesOf(span.events, responseEvents),
  };
}

const eventsWithExchange: ReadonlySet<string> = new Set([
  "gen_ai.client.inference.operation.details",
  "gen_ai.content.prompt",
  "gen_ai.content.completion",
]);

/** Whose message an event is, where its attributes do not say. */
type Roles = ReadonlyMap<string, string>;

const responseEvents: Roles = new Map([["gen_ai.choice", "assistant"]]);
const requestEvents: Roles = new Map([
  ["gen_ai.system.message", "system"],
  ["gen_ai.user.message", "user"],
  ["gen_ai.assistant.message", "assistant"],
  ["gen_ai.tool.message", "tool"],
]);

/** Events of one message each as a list. */
function messagesOf(events: readonly DecodedEvent[], roles: Roles): Slice | undefined {
  const told = events.filter(({ name }) => roles.has(name));
  if (told.length === 0) return undefined;
  const written = (valueFrom: (value: unknown) => unknown) =>
    sliceOf(JSON.stringify(told.map((event) => messageOf(event, roles, valueFrom))));
  try {
    return written(messageValue);
  } catch {
    // Nested so deep that it can be parsed and not be written again: then texts stay texts.
    return written((value) => value);
  }
}

function messageOf({ name, attributes }: DecodedEvent, roles: Roles, valueFrom: (value: unknown) => unknown): unknown {
  const message: [string, unknown][] = [["role", roles.get(name)]];
  for (let index = 0; index < attributes.length; index++) {
    message.push([attributes.key(index), valueFrom(attributes.json(index))]);
  }
  return Object.fromEntries(message);
}

/** Structured bodies are JSON in a string where a span event could not hold them. */
function messageValue(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value;
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
