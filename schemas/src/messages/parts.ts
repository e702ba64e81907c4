import { type JsonObject, objectOf, parseJson, wordOf } from "../json-value.ts";
import type { Part } from "./message.ts";

/** No part for an empty text. */
export function textParts(text: unknown, type: "text" | "reasoning" | "refusal" = "text"): Part[] {
  const content = wordOf(text);
  return content === undefined ? [] : [{ type, content }];
}

export function toolCall(id: unknown, name: unknown, args: unknown): Part {
  return { type: "tool_call", id: wordOf(id) ?? null, name: wordOf(name) ?? "", arguments: unwrapped(args) };
}

export function toolResponse(id: unknown, response: unknown, name?: unknown): Part {
  const named = wordOf(name);
  return {
    type: "tool_call_response",
    id: wordOf(id) ?? null,
    ...(named === undefined ? {} : { name: named }),
    response: unwrapped(response),
  };
}

export function otherPart(value: unknown): Part {
  return { type: "other", value };
}

/** A medium by its address: a `data:` address is the medium itself. */
export function mediumAt(address: unknown, modality: string, mimeType?: unknown): Part[] {
  const uri = wordOf(address);
  if (uri === undefined) return [];
  const data = /^data:([^;,]*)(?:;[^,]*)?,/.exec(uri);
  if (data === null) return [{ type: "uri", modality, ...mime(mimeType), uri }];
  return [{ type: "blob", modality, ...mime(data[1] || mimeType), content: uri.slice(data[0].length) }];
}

/** A medium as base64. What an SDK took out of a body has left an address in its place. */
export function medium(base64: unknown, modality: string, mimeType?: unknown): Part[] {
  const content = wordOf(base64);
  if (content === undefined) return [];
  if (content.startsWith("spanhouse:media:")) return [{ type: "uri", modality, ...mime(mimeType), uri: content }];
  return [{ type: "blob", modality, ...mime(mimeType), content }];
}

export function file(id: unknown, modality: string): Part[] {
  const fileId = wordOf(id);
  return fileId === undefined ? [] : [{ type: "file", modality, file_id: fileId }];
}

/** `image/png` is an image; what is no image, audio or video is a document. */
export function modalityOf(mimeType: unknown): string {
  const kind = wordOf(mimeType)?.split("/")[0] ?? "";
  return kind === "image" || kind === "audio" || kind === "video" ? kind : "document";
}

/** JSON in a string as the value that it spells; any other text as it is. */
export function unwrapped(value: unknown): unknown {
  if (typeof value !== "string" || !/^\s*[[{]/.test(value)) return value ?? null;
  return parseJson(value) ?? value;
}

/** Texts that a stream brings in pieces are one part. */
export function joined(parts: readonly Part[]): Part[] {
  const whole: Part[] = [];
  for (const part of parts) {
    const last = whole.at(-1);
    if (isProse(part) && last?.type === part.type) {
      whole[whole.length - 1] = { ...part, content: `${last.content}${part.content}` };
    } else {
      whole.push(part);
    }
  }
  return whole;
}

function isProse(part: Part): part is Extract<Part, { readonly type: "text" | "reasoning" | "refusal" }> {
  return part.type === "text" || part.type === "reasoning" || part.type === "refusal";
}

/** A message's content where it is a text or a list of parts. */
export function contentParts(content: unknown, partsOf: (part: JsonObject) => readonly Part[]): Part[] {
  if (typeof content === "string") return textParts(content);
  const list = Array.isArray(content) ? content : content === undefined || content === null ? [] : [content];
  return list.flatMap((entry) => {
    if (typeof entry === "string") return textParts(entry);
    const part = objectOf(entry);
    return part === undefined ? [otherPart(entry)] : partsOf(part);
  });
}

function mime(type: unknown): { mime_type?: string } {
  const name = wordOf(type);
  return name === undefined ? {} : { mime_type: name };
}
