import { useQuery } from "@tanstack/react-query";
import { plural } from "../format/count.ts";
import { ProblemView } from "../layout/problem-view.tsx";
import { JsonBlock } from "./json-block.tsx";
import { MessageView, type OpenTool, PartView, toolCallIds, toolResults } from "./message-view.tsx";
import { messagesQuery } from "./span-queries.ts";
import type { Message, RetrievedDocument, SpanDetail, SpanMessages } from "./span-types.ts";
import { TextBlock } from "./text-block.tsx";
import "./chat.css";

interface ChatProps {
  readonly span: SpanDetail;
  /** The model call before this one of the same trace: what both were sent is folded. */
  readonly before: string | undefined;
  readonly onTool: OpenTool;
}

/** What a span was sent and what it gave, as people read it. */
export function Chat({ span, before, onTool }: ChatProps) {
  const { data, error, isPending } = useQuery(messagesQuery(span.trace_id, span.span_id));
  const earlier = useQuery({ ...messagesQuery(span.trace_id, before ?? ""), enabled: before !== undefined });
  if (error) return <ProblemView error={error} />;
  if (isPending) return <p className="muted chat-waiting">Reading messages …</p>;
  const repeated = earlier.data ? sharedStart(earlier.data, data) : 0;
  return <Conversation span={span} messages={data} repeated={repeated} onTool={onTool} />;
}

const fidelityNotes: Readonly<Record<SpanMessages["fidelity"], string | undefined>> = {
  exact: undefined,
  reconstructed: "Put together from what the instrumentation told: not the bytes that went over the wire.",
  redacted: "Parts were taken out before they were sent here.",
  absent: undefined,
};

interface ConversationProps {
  readonly span: SpanDetail;
  readonly messages: SpanMessages;
  readonly repeated: number;
  readonly onTool: OpenTool;
}

function Conversation({ span, messages, repeated, onTool }: ConversationProps) {
  const { system, input, output, tools, documents, inputs, query, unread } = messages;
  const results = toolResults(input);
  const joined = toolCallIds(input);
  const known = { results, joined };
  const toolTexts = [
    ["Arguments", span.tool_arguments],
    ["Result", span.tool_result],
  ] as const;
  const empty =
    system.length + input.length + output.length + documents.length + inputs.length === 0 &&
    toolTexts.every(([, text]) => text === null);
  const note = fidelityNotes[messages.fidelity];
  return (
    <div className="chat">
      {span.outcome !== "ok" && span.message && <Ending span={span} />}
      {unread.map(({ text, reason }) => (
        <p key={text + reason} className="chat-note">
          The {text} could not all be read ({reason.replace("_", " ")}): its bytes are one key away (b).
        </p>
      ))}
      {note && !empty && <p className="chat-note">{note}</p>}
      {empty && <NoTexts span={span} />}
      {query !== null && (
        <section className="message">
          <header className="message-head">
            <span className="message-role">query</span>
          </header>
          <TextBlock text={query} plain />
        </section>
      )}
      {system.length > 0 && <MessageView message={{ role: "system", parts: system }} {...known} />}
      {repeated > 0 && (
        <details className="repeated">
          <summary>{plural(repeated, "message")} as in the call before</summary>
          <Messages messages={input.slice(0, repeated)} {...known} />
        </details>
      )}
      <Messages messages={input.slice(repeated)} {...known} />
      {inputs.map((part, at) => (
        <article key={at} className="message">
          <header className="message-head">
            <span className="message-role">input {at + 1}</span>
          </header>
          <PartView part={part} results={results} />
        </article>
      ))}
      {documents.length > 0 && <Documents documents={documents} />}
      {toolTexts.map(
        ([label, text]) =>
          text !== null && (
            <section key={label} className="message">
              <header className="message-head">
                <span className="message-role">{label.toLowerCase()}</span>
              </header>
              <JsonBlock value={text} label={label} />
            </section>
          ),
      )}
      {output.map((message, at) => (
        <MessageView key={at} message={message} {...known} isAnswer onTool={onTool} />
      ))}
      {tools.length > 0 && (
        <details className="offered">
          <summary>{plural(tools.length, "tool")} offered</summary>
          {tools.map((tool) => (
            <div key={tool.name} className="tool-call">
              <div className="tool-call-head">
                <code>{tool.name}</code> <span className="muted">{tool.description}</span>
              </div>
              {tool.parameters !== undefined && (
                <JsonBlock value={tool.parameters} label={`Parameters of ${tool.name}`} />
              )}
            </div>
          ))}
        </details>
      )}
    </div>
  );
}

function Messages({
  messages,
  ...known
}: { readonly messages: readonly Message[] } & Omit<Parameters<typeof MessageView>[0], "message">) {
  return messages.map((message, at) => <MessageView key={at} message={message} {...known} />);
}

function Ending({ span }: { readonly span: SpanDetail }) {
  return (
    <div className={`ending ending-${span.outcome}`}>
      <strong>{span.outcome}</strong>
      {span.refusal !== "none" && <span> ({span.refusal})</span>}
      {span.error_class !== "none" && <code> {span.error_class}</code>}
      {span.error_type && <code> {span.error_type}</code>}
      <p className="plain">{span.message}</p>
    </div>
  );
}

function NoTexts({ span }: { readonly span: SpanDetail }) {
  return (
    <div className="chat-note">
      {span.erased ? (
        <p>The texts of this span were erased.</p>
      ) : (
        <p>
          This span came without texts. Most instrumentations record prompts only when they are told to, such as by{" "}
          <code>OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true</code>. Its attributes are one key away (a).
        </p>
      )}
    </div>
  );
}

function Documents({ documents }: { readonly documents: readonly RetrievedDocument[] }) {
  return (
    <ol className="documents">
      {documents.map(({ id, score, content, source }, at) => (
        <li key={at} className="message">
          <header className="message-head">
            <span className="message-role">{at + 1}</span>
            {score !== null && <span className="numbers">score {score.toPrecision(3)}</span>}
            {id && <code className="cut">{id}</code>}
            {source && <span className="muted cut">{source}</span>}
          </header>
          {content !== null && <TextBlock text={content} plain />}
        </li>
      ))}
    </ol>
  );
}

/** How many messages two calls begin with alike: an agent sends its whole history each time. */
function sharedStart(before: SpanMessages, now: SpanMessages): number {
  const told = [...before.input];
  let shared = 0;
  while (shared < told.length && shared < now.input.length && sameMessage(told[shared]!, now.input[shared]!)) shared++;
  return shared;
}

function sameMessage(a: Message, b: Message): boolean {
  return a.role === b.role && JSON.stringify(a.parts) === JSON.stringify(b.parts);
}
