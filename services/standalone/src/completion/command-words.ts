/** What may follow a command, as its usage says it: so that completion knows what the help knows. */
export interface CommandWords {
  readonly name: string;
  readonly summary: string;
  /** First arguments that are words, such as `create` and `list`. */
  readonly actions: readonly string[];
  readonly options: readonly string[];
  /** The values of an option that takes one of some, by its name with dashes. */
  readonly values: ReadonlyMap<string, readonly string[]>;
}

const alternatives = /^[a-z_]+(?:\|[a-z_]+)+$/;

export function commandWords(name: string, summary: string, usage: string): CommandWords {
  const synopsis = usage.split("\n\n", 1)[0]!.replaceAll("\n ", " ").split("\n");
  const actions = new Set<string>();
  for (const line of synopsis) {
    const [, own, ...words] = line.split(/\s+/);
    if (own !== name) continue;
    // `list | history` and `otlp|langfuse`; what is in capitals or brackets is the user's own.
    for (const [i, word] of words.entries()) {
      if (word === "|") continue;
      if (i > 0 && words[i - 1] !== "|") break;
      if (alternatives.test(word)) for (const one of word.split("|")) actions.add(one);
      else if (/^[a-z][a-z-]*$/.test(word)) actions.add(word);
      else break;
    }
  }
  const options = new Set(["--help"]);
  const values = new Map<string, readonly string[]>();
  for (const [, option, word = ""] of usage.matchAll(/(?<![\w-])(--[a-z][a-z-]*)(?: ([A-Za-z_|]+))?/g)) {
    options.add(option!);
    if (alternatives.test(word)) values.set(option!, word.split("|"));
  }
  return { name, summary, actions: [...actions], options: [...options].sort(), values };
}
