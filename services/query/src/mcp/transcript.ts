import type { Message, Part, Rendering } from "@spanhouse/schemas/messages/message";

/** What was said as one text, in order, each message under its number and role; calls keep their ids. */
export function transcript({ system, input, output, query, inputs, documents, unread }: Rendering): string {
  const sections = [
    ...(system.length > 0 ? [section("system", system)] : []),
    ...(query === null ? [] : [`## query\n${query}`]),
    ...(inputs.length > 0 ? [section("embedded", inputs)] : []),
    ...input.map((message, i) => section(`input ${i + 1}: ${message.role}`, message.parts)),
    ...documents.map(
      ({ id, score, content }, i) => `## document ${i + 1}: ${id ?? ""} score ${score ?? "none"}\n${content ?? ""}`,
    ),
    ...output.map((message, i) => section(answerTitle(message, i), message.parts)),
    ...unread.map(({ text, reason }) => `## not shown: ${text} (${reason}); read its bytes`),
  ];
  return sections.join("\n\n");
}

function answerTitle({ role, finish_reason }: Message, i: number): string {
  return `output ${i + 1}: ${role}${finish_reason === undefined ? "" : `, finished by ${finish_reason}`}`;
}

function section(title: string, parts: readonly Part[]): string {
  return `## ${title}\n${parts.map(partText).join("\n")}`;
}

function partText(part: Part): string {
  switch (part.type) {
    case "text":
      return part.content;
    case "reasoning":
    case "refusal":
      return `(${part.type}) ${part.content}`;
    case "tool_call":
      return `(tool call ${part.id ?? ""}) ${part.name} ${JSON.stringify(part.arguments)}`;
    case "tool_call_response":
      return `(result of tool call ${part.id ?? part.name ?? ""}) ${json(part.response)}`;
    case "blob":
      return `(${part.mime_type ?? part.modality ?? "blob"}, ${part.content.length} characters of base64)`;
    case "uri":
      return `(${part.uri})`;
    case "file":
      return `(file ${part.file_id})`;
    case "other":
      return json(part.value);
  }
}

function json(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}
