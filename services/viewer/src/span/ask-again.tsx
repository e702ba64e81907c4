import { useMutation, useQuery } from "@tanstack/react-query";
import { type FormEvent, lazy, Suspense, useState } from "react";
import { answered, api } from "../api/client.ts";
import type { operations } from "../api/openapi.d.ts";
import { count } from "../format/count.ts";
import { duration } from "../format/duration.ts";
import { money } from "../format/money.ts";
import { Icon } from "../layout/icon.tsx";
import { ProblemView } from "../layout/problem-view.tsx";
import { type ChatRequest, chatRequest } from "./chat-request.ts";
import { formOf, type MessageForm, type RequestForm, requestOf } from "./edited-request.ts";
import { MessageView } from "./message-view.tsx";
import { outputText } from "./messages-text.ts";
import { messagesQuery } from "./span-queries.ts";
import type { Message, SpanDetail, SpanMessages } from "./span-types.ts";
import "./ask-again.css";

const CodeView = lazy(() => import("./code-view.tsx").then(({ CodeView }) => ({ default: CodeView })));

type Endpoint = operations["getReplayModel"]["responses"][200]["content"]["application/json"];
type Answer = operations["askReplayModel"]["responses"][200]["content"]["application/json"];

/** One model call with another prompt, other parameters or another model, beside what was recorded. */
export function AskAgain({ span }: { readonly span: SpanDetail }) {
  const messages = useQuery(messagesQuery(span.trace_id, span.span_id));
  const endpoint = useQuery({
    queryKey: ["replay-model"],
    queryFn: ({ signal }): Promise<Endpoint> => answered(api.GET("/v1/replay/model", { signal })),
  });
  const error = messages.error ?? endpoint.error;
  if (error) return <ProblemView error={error} />;
  if (!messages.data || !endpoint.data) return <p className="muted chat-waiting">Reading messages …</p>;
  const request = chatRequest(span, messages.data);
  if (request === undefined) return <NothingToAsk span={span} />;
  if (!endpoint.data.configured) return <NoEndpoint />;
  return <Asking span={span} recorded={messages.data} request={request} endpoint={endpoint.data} />;
}

function NothingToAsk({ span }: { readonly span: SpanDetail }) {
  return (
    <p className="muted chat-waiting">
      {span.role === "model"
        ? "What this call asked is not known, or it is no generation: there is nothing to ask again."
        : "Only a call of a model can be asked again. To run a whole program against a trace: spanhouse replay."}
    </p>
  );
}

function NoEndpoint() {
  return (
    <div className="again-off">
      <p>
        This call can be asked again with another prompt, other parameters or another model, at an endpoint of yours
        that speaks OpenAI's API. None is configured. Set in the environment of the server, and start it again:
      </p>
      <pre>
        <code>
          {"SPANHOUSE_REPLAY_MODEL_URL=https://api.openai.com/v1\n"}
          {"SPANHOUSE_REPLAY_MODEL_KEY=…      # stays on the server\n"}
          {"SPANHOUSE_REPLAY_BUDGET=1         # dollars a day for each project"}
        </code>
      </pre>
      <p className="muted">Whoever may read a project can then spend its budget.</p>
    </div>
  );
}

interface AskingProps {
  readonly span: SpanDetail;
  readonly recorded: SpanMessages;
  readonly request: ChatRequest;
  readonly endpoint: Endpoint;
}

function Asking({ span, recorded, request, endpoint }: AskingProps) {
  const original = formOf(request);
  const [form, setForm] = useState(original);
  const [wrong, setWrong] = useState<string>();
  const asking = useMutation({
    mutationFn: (edited: ChatRequest): Promise<Answer> =>
      answered(api.POST("/v1/replay/model", { body: { path: "/chat/completions", request: JSON.stringify(edited) } })),
  });
  function submit(event: FormEvent): void {
    event.preventDefault();
    const edited = requestOf(form);
    setWrong(edited.kind === "wrong" ? edited.message : undefined);
    if (edited.kind === "request") asking.mutate(edited.request);
  }
  const budget = asking.data ?? endpoint;
  return (
    <div className="again">
      <form className="again-form" aria-label="The call, edited" onSubmit={submit}>
        <Fields form={form} original={original} endpoint={endpoint} onChange={setForm} />
        <p className="again-bar">
          <button type="submit" className="button main" disabled={asking.isPending}>
            {asking.isPending ? "Asking …" : "Ask"}
          </button>
          <button
            type="button"
            className="button"
            disabled={JSON.stringify(form) === JSON.stringify(original)}
            onClick={() => setForm(original)}
          >
            As recorded
          </button>
          <span className="muted numbers">
            {money(budget.spent)} of {money(budget.budget)} spent today
          </span>
        </p>
        {wrong && (
          <p className="warning" role="alert">
            {wrong}
          </p>
        )}
      </form>
      <div aria-live="polite">
        {asking.error && <ProblemView error={asking.error} />}
        {asking.data && <BothAnswers span={span} recorded={recorded} answer={asking.data} />}
      </div>
    </div>
  );
}

interface FieldsProps {
  readonly form: RequestForm;
  readonly original: RequestForm;
  readonly endpoint: Endpoint;
  readonly onChange: (form: RequestForm) => void;
}

function Fields({ form, original, endpoint, onChange }: FieldsProps) {
  const change = (at: number, text: string) =>
    onChange({ ...form, messages: form.messages.map((one, i) => (i === at ? { ...one, text } : one)) });
  return (
    <>
      <label className="again-field">
        <span>Model{endpoint.model !== null && " (the operator's, whatever was recorded)"}</span>
        <input
          className="field mono"
          value={endpoint.model ?? form.model}
          disabled={endpoint.model !== null}
          onChange={({ target }) => onChange({ ...form, model: target.value })}
        />
      </label>
      {form.messages.map((message, at) => (
        <label key={at} className="again-field">
          <span>
            {message.role}
            {message.isJson && " (JSON)"}
            {message.text !== original.messages[at]?.text && <span className="note again-edited">edited</span>}
          </span>
          <textarea
            className={`field${message.isJson ? " mono" : ""}`}
            rows={rowsOf(message)}
            value={message.text}
            onChange={({ target }) => change(at, target.value)}
          />
        </label>
      ))}
      <details>
        <summary>Parameters and tools</summary>
        <label className="again-field">
          <span className="unseen">Parameters and tools, JSON</span>
          <textarea
            className="field mono"
            rows={Math.min(20, form.parameters.split("\n").length + 1)}
            value={form.parameters}
            onChange={({ target }) => onChange({ ...form, parameters: target.value })}
          />
        </label>
      </details>
    </>
  );
}

const mostRows = 12;

/** About as many lines as the words take. */
function rowsOf({ text }: MessageForm): number {
  const lines = text.split("\n").reduce((sum, line) => sum + 1 + Math.floor(line.length / 90), 0);
  return Math.min(mostRows, Math.max(2, lines));
}

function BothAnswers({
  span,
  recorded,
  answer,
}: {
  readonly span: SpanDetail;
  readonly recorded: SpanMessages;
  readonly answer: Answer;
}) {
  const [showDifference, setShowDifference] = useState(false);
  const failed = answer.status >= 400;
  return (
    <>
      <div className="again-both">
        <section aria-label="Recorded answer">
          <h3>Recorded</h3>
          <Facts
            model={span.response_model || span.request_model}
            input={span.usage_state === "exact" ? span.input_tokens : null}
            output={span.usage_state === "exact" ? span.output_tokens : null}
            cost={span.price_state === "priced" ? span.cost : null}
            us={span.duration_us}
          />
          <Output output={recorded.output} />
        </section>
        <section aria-label="New answer">
          <h3>Now</h3>
          {!failed && (
            <Facts
              model={answer.model ?? ""}
              input={answer.input_tokens}
              output={answer.output_tokens}
              cost={answer.cost}
              us={answer.duration_us}
            />
          )}
          {failed || answer.output.length === 0 ? (
            <>
              {failed && <p className="warning">The endpoint answered {answer.status}:</p>}
              <pre className="again-raw">{answer.response.slice(0, 10_000)}</pre>
            </>
          ) : (
            <Output output={answer.output} />
          )}
        </section>
      </div>
      {!failed && (
        <p className="again-bar">
          <button
            type="button"
            className="button"
            aria-pressed={showDifference}
            onClick={() => setShowDifference(!showDifference)}
          >
            Difference of the answers
          </button>
        </p>
      )}
      {showDifference && !failed && (
        <Suspense fallback={<p className="muted">Loading …</p>}>
          <CodeView
            label="The new answer against the recorded one"
            isJson={false}
            original={outputText(recorded.output)}
            text={outputText(answer.output)}
          />
        </Suspense>
      )}
    </>
  );
}

function Output({ output }: { readonly output: readonly Message[] }) {
  if (output.length === 0) return <p className="muted">Nothing was kept of it.</p>;
  return output.map((message, at) => (
    <MessageView key={at} message={message} results={new Map()} joined={new Set()} isAnswer />
  ));
}

interface FactsProps {
  readonly model: string;
  readonly input: number | null;
  readonly output: number | null;
  readonly cost: string | null;
  readonly us: number;
}

function Facts({ model, input, output, cost, us }: FactsProps) {
  return (
    <p className="again-facts muted numbers">
      <span>{model || "unknown model"}</span>
      <span>{duration(us)}</span>
      {input !== null && output !== null && (
        <span>
          {count(input)} in <Icon name="right" /> {count(output)} out
        </span>
      )}
      <span>{cost === null ? "price unknown" : money(cost)}</span>
    </p>
  );
}
