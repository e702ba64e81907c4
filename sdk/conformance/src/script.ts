import type { Prompt } from "./prompt.ts";

/**
 * What a scenario may say, written `[[name argument key=value …]]`:
 *
 * | directive | effect |
 * |---|---|
 * | `[[STATUS]]`, such as `[[429 retry-after=1 times=1]]` | an HTTP error; `code=` sets the error's code |
 * | `[[hang after=N]]` | silence after N streamed events (0: not even headers) until the client goes |
 * | `[[cut after=N]]` | the socket is destroyed after N streamed events (0: before any header) |
 * | `[[refuse TEXT]]` | a refusal in the provider's own field |
 * | `[[filter]]` | the provider's content filter |
 * | `[[length]]` | the answer ends at the token limit |
 * | `[[tool NAME={json}]]` | a tool call; several make parallel calls. The JSON must not contain `]]` |
 * | `[[say TEXT]]` | the answer's text, instead of the one derived from the input |
 * | `[[cache read=N write=N write_1h=N]]` | so many tokens of cached prompt on top of the prompt's own |
 * | `[[reason N]]` | so many reasoning tokens on top of the answer's own |
 * | `[[pace MS]]` | a pause before the answer and before each streamed event |
 * | `[[then]]` | what follows is for the next turn: after the tool results of this one |
 *
 * `times=N` on a fault: only the first N attempts of a call fail; without it all do.
 */
export interface Directive {
  readonly name: string;
  /** All between the name and the end, trimmed. */
  readonly argument: string;
  /** The `key=value` pairs of the argument. */
  readonly options: ReadonlyMap<string, string>;
}

/** Directives for requests that a caller does not mark itself. All that match apply, in order. */
export interface Scenario {
  /** The exact model name; any when absent. */
  readonly model?: string;
  /** Text that the last user message contains; any when absent. */
  readonly includes?: string;
  readonly directives: string;
}

const names = ["hang", "cut", "refuse", "filter", "length", "tool", "say", "cache", "reason", "pace", "then"];

/** A mistake in a script, told to the client as an invalid request. */
export interface ScriptError {
  readonly kind: "script-error";
  readonly message: string;
}

/**
 * The directives that hold for this turn of the conversation. They come from scenarios, from the request header
 * `x-simulator-script` (percent-encoded; it leaves the prompt clean), and from markers in the last user message.
 */
export const scriptOf = (
  prompt: Prompt,
  header: string | undefined,
  scenarios: readonly Scenario[],
): readonly Directive[] | ScriptError => {
  const matching = scenarios.filter(
    ({ model, includes }) =>
      (model === undefined || model === prompt.model) &&
      (includes === undefined || prompt.lastUserText.includes(includes)),
  );
  const sources = [...matching.map(({ directives }) => directives), decodeHeader(header), prompt.lastUserText];
  const directives: Directive[] = [];
  for (const source of sources) {
    const turn = turnsOf(source)[prompt.turn] ?? [];
    for (const directive of turn) {
      if (!names.includes(directive.name) && !/^[45]\d\d$/.test(directive.name))
        return {
          kind: "script-error",
          message: `simulator: unknown directive [[${directive.name}]], expected an HTTP error status or one of ${names.join(", ")}`,
        };
      directives.push(directive);
    }
  }
  return directives;
};

/** A script for the `x-simulator-script` header. */
export const scriptHeader = (script: string): string => encodeURIComponent(script);

const decodeHeader = (header: string | undefined): string => {
  try {
    return decodeURIComponent(header ?? "");
  } catch {
    return header ?? "";
  }
};

const turnsOf = (text: string): readonly (readonly Directive[])[] => {
  const turns: Directive[][] = [[]];
  for (const [, content = ""] of text.matchAll(/\[\[(.+?)\]\](?!\])/gs)) {
    const directive = parseDirective(content.trim());
    if (directive.name === "then") turns.push([]);
    else turns.at(-1)?.push(directive);
  }
  return turns;
};

const parseDirective = (content: string): Directive => {
  const [name = "", ...rest] = content.split(/\s+/);
  return {
    name,
    argument: content.slice(name.length).trim(),
    options: new Map(
      rest.flatMap((word) => {
        const at = word.indexOf("=");
        return at > 0 ? [[word.slice(0, at), word.slice(at + 1)] as const] : [];
      }),
    ),
  };
};

/** A whole number among a directive's options; `fallback` when it is absent. */
export const optionNumber = (directive: Directive, name: string, fallback: number): number => {
  const value = Number.parseInt(directive.options.get(name) ?? "", 10);
  return Number.isNaN(value) ? fallback : value;
};
