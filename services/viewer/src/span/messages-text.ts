import type { Message, Part, SpanDetail, SpanMessages } from "./span-types.ts";

/** A span's words as one text, a line for each line that was said, so that two spans can be laid side by side. */
export function messagesText(span: SpanDetail, { system, input, output, query, documents }: SpanMessages): string {
  const sections = [
    ...(system.length > 0 ? [messageText({ role: "system", parts: system })] : []),
    ...(query === null ? [] : [`-- query\n${query}`]),
    ...input.map(messageText),
    ...documents.map(({ id, content }, at) => `-- document ${at + 1} ${id ?? ""}\n${content ?? ""}`),
    ...(span.tool_arguments === null ? [] : [`-- arguments\n${pretty(span.tool_arguments)}`]),
    ...(span.tool_result === null ? [] : [`-- result\n${pretty(span.tool_result)}`]),
    ...output.map((message) => messageText({ ...message, role: `answer (${message.role})` })),
  ];
  return sections.join("\n\n");
}

/** The words of an answer alone. */
export function outputText(output: readonly Message[]): string {
  return output.flatMap(({ parts }) => parts.map(partText)).join("\n");
}

function messageText({ role, parts }: Message): string {
  return `-- ${role}\n${parts.map(partText).join("\n")}`;
}

function partText(part: Part): string {
  switch (part.type) {
    case "text":
    case "refusal":
      return part.content;
    case "reasoning":
      return `(reasoning) ${part.content}`;
    case "tool_call":
      return `calls ${part.name} ${pretty(part.arguments)}`;
    case "tool_call_response":
      return `result ${pretty(part.response)}`;
    case "blob":
      return `[${part.mime_type ?? part.modality ?? "blob"}, ${part.content.length} characters of base64]`;
    case "uri":
      return `[${part.uri}]`;
    case "file":
      return `[file ${part.file_id}]`;
    case "other":
      return pretty(part.value);
  }
}

/** Ids of calls differ between any two runs: they are not what a person looks for. */
function pretty(value: unknown): string {
  if (typeof value !== "string") return JSON.stringify(value, null, 2);
  try {
    return JSON.stringify(JSON.parse(value), null, 2);
  } catch {
    return value;
  }
}
