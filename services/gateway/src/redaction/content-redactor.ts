import { createHash } from "node:crypto";
import { isEventStream } from "./event-stream.ts";
import type { TextRedactor } from "./text-redactor.ts";

/**
 * What an attribute says of a call, as opposed to how, by whom and with which model: by the words of its name. An error's
 * message says what became of the call: of it patterns alone are taken out.
 */
const contentName =
  /prompt|completion|message|content|input|output|argument|result|request|response|document|quer(?:y|ies)|text|instruction|reasoning|thinking|body|answer|question|description|stacktrace|statement/i;
const plainName =
  /^(?:exception|error)\.message$|token|usage|cost|price|model|version|role|reason|(?:^|[._])(?:id|ids|type|name|kind|provider|system|finish|temperature|top_p|sha256|truncated|tier|format|media)$/i;

/** Members of a request's or answer's JSON that say how, not what: they decide usage, price and outcome. */
const plainMember =
  /^(?:.*_?id|.*Id|object|type|role|model|modelVersion|.*reason|.*Reason|status|code|.*tier|.*Tier|system_fingerprint|name|event|kind|.*mime_?type|speed|effort|size|quality|format|voice|modality|currency|created_at|language)$/;
/** What a provider counted, its words included: where it ran, at which tier. */
const counted = /^(?:usage|.*[uU]sage.*|billing)$/;
/** Below these everything is content: a tool's arguments may have a `name` too. */
const allContent = /^(?:input|arguments|args|output|result|results|parameters|metadata|properties)$/;

/** Longer texts of other names are content. */
const longestLabel = 200;

/** Whether an attribute's text, or its list of texts, is content. */
export function isContent(name: string, text: string): boolean {
  return !plainName.test(name) && (text.length > longestLabel || contentName.test(name));
}

/** A text as its SHA-256, or as the mark that there was one; structure, numbers and provider's words of JSON stay. */
export function createContentRedactor(policy: "hash" | "drop"): TextRedactor {
  const gone = (text: string): string => {
    if (text === "") return "";
    return policy === "drop" ? "[redacted]" : `sha256:${createHash("sha256").update(text).digest("hex")}`;
  };

  function skeleton(value: unknown, inContent: boolean): unknown {
    if (typeof value === "string") return gone(value);
    if (Array.isArray(value)) return value.map((item) => skeleton(item, inContent));
    if (typeof value !== "object" || value === null) return inContent && typeof value === "number" ? 0 : value;
    return Object.fromEntries(
      Object.entries(value).map(([name, member]) => {
        const plain = !inContent && (counted.test(name) || (typeof member === "string" && plainMember.test(name)));
        return [name, plain ? member : skeleton(member, inContent || (allContent.test(name) && !isMessages(member)))];
      }),
    );
  }

  /** The API's own lists (`input` and `output` of the Responses API) have roles or types. */
  function isMessages(member: unknown): boolean {
    return (
      Array.isArray(member) &&
      member.length > 0 &&
      member.every((item) => typeof item === "object" && item !== null && ("role" in item || "type" in item))
    );
  }

  function json(text: string): string | undefined {
    try {
      const value: unknown = JSON.parse(text);
      return typeof value === "object" ? JSON.stringify(skeleton(value, false)) : undefined;
    } catch {
      return undefined;
    }
  }

  return (text) => {
    if (isEventStream(text)) {
      const line = (one: string) => {
        if (/^(?:event|id|retry):/.test(one) || one === "" || /^data: ?\[DONE\]/.test(one)) return one;
        return one.startsWith("data:") ? `data: ${json(one.slice(5)) ?? gone(one.slice(5))}` : gone(one);
      };
      return text.split(/\r?\n/).map(line).join("\n");
    }
    const first = text.charCodeAt(0);
    return (first === 0x7b || first === 0x5b ? json(text) : undefined) ?? gone(text);
  };
}
