import type { ReactNode } from "react";
import { JsonBlock } from "./json-block.tsx";
import type { Message, Part } from "./span-types.ts";
import { TextBlock } from "./text-block.tsx";

/** What came back for each tool call of a conversation, by call id: a call and its result stand together. */
export type ToolResults = ReadonlyMap<string, unknown>;

export function toolResults(messages: readonly Message[]): ToolResults {
  return new Map(
    messages
      .flatMap(({ parts }) => parts)
      .flatMap((part) =>
        part.type === "tool_call_response" && part.id !== null ? [[part.id, part.response] as const] : [],
      ),
  );
}

/** The ids of the calls that messages hold: their results are shown with them. */
export function toolCallIds(messages: readonly Message[]): ReadonlySet<string> {
  return new Set(
    messages.flatMap(({ parts }) => parts).flatMap((part) => (part.type === "tool_call" && part.id ? [part.id] : [])),
  );
}

export type OpenTool = (name: string, nth: number) => (() => void) | undefined;

interface MessageViewProps {
  readonly message: Message;
  readonly results: ToolResults;
  /** The calls whose results stand with them. */
  readonly joined: ReadonlySet<string>;
  readonly isAnswer?: boolean;
  /** Opens the span of the n-th call (from 0) of a tool; undefined where no span has it. */
  readonly onTool?: OpenTool | undefined;
}

/** A turn of the conversation; nothing where all of it stands with the calls it answers. */
export function MessageView({ message, results, joined, isAnswer = false, onTool }: MessageViewProps) {
  const parts = message.parts.filter((part) => part.type !== "tool_call_response" || !part.id || !joined.has(part.id));
  if (parts.length === 0 && message.parts.length > 0) return null;
  return (
    <article className={`message message-${knownRole(message.role)}${isAnswer ? " message-answer" : ""}`}>
      <header className="message-head">
        <span className="message-role">{message.role}</span>
        {message.name && <span className="muted">{message.name}</span>}
        {message.finish_reason && <span className="muted">{message.finish_reason}</span>}
      </header>
      <div className="message-parts">
        {parts.length === 0 && <p className="muted">(empty)</p>}
        {parts.map((part, at) => (
          <PartView key={at} part={part} results={results} onTool={onTool} nth={nthCall(parts, at)} />
        ))}
      </div>
    </article>
  );
}

/** How many calls of the same tool stand before a part. */
function nthCall(parts: readonly Part[], at: number): number {
  const part = parts[at]!;
  if (part.type !== "tool_call") return 0;
  return parts.slice(0, at).filter((before) => before.type === "tool_call" && before.name === part.name).length;
}

interface ToolCallProps extends Pick<MessageViewProps, "results" | "onTool"> {
  readonly part: Extract<Part, { type: "tool_call" }>;
  readonly nth: number;
}

interface PartViewProps extends Pick<MessageViewProps, "results" | "onTool"> {
  readonly part: Part;
  readonly nth?: number;
}

export function PartView({ part, results, onTool, nth = 0 }: PartViewProps) {
  switch (part.type) {
    case "text":
      return <TextBlock text={part.content} />;
    case "reasoning":
      return (
        <details className="reasoning">
          <summary>Reasoning</summary>
          <TextBlock text={part.content} />
        </details>
      );
    case "refusal":
      return (
        <div className="refusal-part">
          <strong>Refused.</strong> <TextBlock text={part.content} />
        </div>
      );
    case "tool_call":
      return <ToolCall part={part} results={results} onTool={onTool} nth={nth} />;
    case "tool_call_response":
      return (
        <div className="tool-call">
          <div className="tool-call-head">
            Result {part.name && <code>{part.name}</code>} {part.id && <code className="muted">{part.id}</code>}
          </div>
          <JsonBlock value={part.response} label="Result" />
        </div>
      );
    case "blob":
      return <Medium of={part} what={`${Math.round((part.content.length * 3) / 4 / 1024)} KiB in the message`} />;
    case "uri":
      return <Medium of={part} what={part.uri} />;
    case "file":
      return <Medium of={part} what={`file ${part.file_id}`} />;
    case "other":
      return <JsonBlock value={part.value} label="A part of another form" />;
  }
}

function ToolCall({ part, results, onTool, nth }: ToolCallProps) {
  const open = onTool?.(part.name, nth);
  const result = part.id === null ? undefined : results.get(part.id);
  const head: ReactNode = (
    <>
      <span className="dot tone-tool" /> <code>{part.name}</code>
    </>
  );
  return (
    <div className="tool-call">
      <div className="tool-call-head">
        {open ? (
          <button type="button" className="link" onClick={open}>
            {head}
          </button>
        ) : (
          head
        )}
        {part.id && <code className="muted cut">{part.id}</code>}
        {onTool && !open && <span className="note">no span: not traced</span>}
      </div>
      <JsonBlock value={part.arguments} label={`Arguments of ${part.name}`} />
      {result !== undefined && (
        <>
          <div className="tool-call-result">returned</div>
          <JsonBlock value={result} label={`Result of ${part.name}`} />
        </>
      )}
    </div>
  );
}

/** Media are named, not loaded: what a prompt points at is not fetched by looking at it. */
function Medium({ of, what }: { readonly of: { modality?: string; mime_type?: string }; readonly what: string }) {
  return (
    <p className="medium">
      <span className="note">{of.mime_type ?? of.modality ?? "medium"}</span> <code>{what}</code>
    </p>
  );
}

function knownRole(role: string): string {
  return ["system", "developer", "user", "assistant", "tool"].includes(role) ? role : "other";
}
