import { count } from "../format/count.ts";
import { exactMoney } from "../format/money.ts";
import type { SpanDetail } from "./span-types.ts";
import "./attributes-view.css";

/** All that is known of a span but its texts: usage, price and its rule, who and where, then what came as it came. */
export function AttributesView({ span }: { readonly span: SpanDetail }) {
  return (
    <div className="attributes">
      {factsOf(span).map(([title, facts]) => {
        const known = facts.filter(([, value]) => value !== "" && value !== null);
        return known.length === 0 ? null : <Section key={title} title={title} facts={known} />;
      })}
      {span.events.map((event) => (
        <Section
          key={event.time + event.name}
          title={`Event ${event.name} at ${event.time}`}
          facts={entriesOf(event.attributes)}
        />
      ))}
      {span.links.map((link) => (
        <Section
          key={link.trace_id + link.span_id}
          title="Link"
          facts={[["trace_id", link.trace_id], ["span_id", link.span_id], ...entriesOf(link.attributes)]}
        />
      ))}
      <Section title="Attributes as they came" facts={span.attributes.map(({ key, value }) => [key, shown(value)])} />
      <Section title="Resource" facts={span.resource_attributes.map(({ key, value }) => [key, shown(value)])} />
    </div>
  );
}

type Fact = readonly [name: string, value: string | null];

function factsOf(span: SpanDetail): readonly (readonly [string, readonly Fact[]])[] {
  const tokens = (value: number) => (value === 0 ? "" : count(value));
  const usage: readonly Fact[] =
    span.usage_state === "none"
      ? []
      : [
          ["usage", span.usage_state],
          ["input_tokens", `${count(span.input_tokens)} (includes cache)`],
          ["cache_read_tokens", tokens(span.cache_read_tokens)],
          ["cache_write_tokens", tokens(span.cache_write_tokens)],
          ["output_tokens", `${count(span.output_tokens)} (includes reasoning)`],
          ["reasoning_tokens", tokens(span.reasoning_tokens)],
          ...Object.entries(span.units).map(([unit, value]): Fact => [unit, count(value)]),
        ];
  const priced = span.price_state === "priced" || span.price_state === "estimated";
  return [
    ["Usage", usage],
    [
      "Price",
      span.price_state === "none"
        ? []
        : [
            ["state", span.price_state],
            ["cost", priced ? exactMoney(span.price_state === "estimated" ? span.estimated_cost : span.cost) : ""],
            [
              "counted",
              span.aggregate ? "no: it repeats what calls below it cost" : span.void ? "no: superseded" : "yes",
            ],
            ["cache savings", priced && !/^-?0\.0*$/.test(span.cache_savings) ? exactMoney(span.cache_savings) : ""],
            ["rule", span.price_rule],
            ["source", [span.price_source, span.price_version].filter(Boolean).join(" ")],
          ],
    ],
    [
      "Call",
      [
        ["operation", span.operation],
        ["provider", span.provider],
        ["requested model", span.request_model],
        ["returned model", span.response_model],
        ["response id", span.response_id],
        ["finish reasons", span.finish_reasons.join(", ")],
        ["service tier", span.service_tier],
        ["attempt", span.attempt > 1 ? String(span.attempt) : ""],
        ["tool call", span.tool_call_id],
        ["agent", span.agent_name],
        ["credential", span.credential],
      ],
    ],
    [
      "Who and where",
      [
        ["user", span.user_id],
        ["conversation", span.conversation_id],
        ["tags", span.tags.join(", ")],
        ...Object.entries(span.metadata).map(([key, value]): Fact => [`metadata ${key}`, value]),
        ["feature", span.feature],
        ["prompt", span.prompt],
        ["environment", span.environment],
        ["service", span.service],
        ["release", span.release],
        ["region", span.region],
        ["team", span.team],
        ["cost centre", span.cost_centre],
      ],
    ],
    [
      "Span",
      [
        ["trace_id", span.trace_id],
        ["span_id", span.span_id],
        ["parent", span.parent_span_id],
        ["start", span.start_time],
        ["end", span.end_time],
        ["read as", span.dialect],
        ["scope", [span.scope_name, span.scope_version].filter(Boolean).join(" ")],
        ["kind", span.kind],
        ["status", span.status_message],
        ["fidelity", span.fidelity],
        ["flags", span.flags.join(", ")],
      ],
    ],
  ];
}

function Section({ title, facts }: { readonly title: string; readonly facts: readonly Fact[] }) {
  if (facts.length === 0) return null;
  return (
    <section>
      <h3>{title}</h3>
      <table>
        <tbody>
          {facts.map(([name, value], at) => (
            <tr key={at}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

const entriesOf = (attributes: Readonly<Record<string, unknown>>): readonly Fact[] =>
  Object.entries(attributes).map(([key, value]) => [key, shown(value)]);

const shown = (value: unknown): string => (typeof value === "string" ? value : (JSON.stringify(value) ?? ""));
