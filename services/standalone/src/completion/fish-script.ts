import type { CommandWords } from "./command-words.ts";

/** For `spanhouse completion fish | source`, or a file in `~/.config/fish/completions`. */
export function fishScript(commands: readonly CommandWords[]): string {
  const lines = commands.flatMap(({ name, summary, actions, options, values }) => {
    const seen = `-n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c spanhouse -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...(actions.length > 0 ? [`complete -c spanhouse ${seen} -a ${quoted(actions.join(" "))}`] : []),
      ...options.map((option) => {
        const words = values.get(option);
        const taken = words === undefined ? "" : ` -x -a ${quoted(words.join(" "))}`;
        return `complete -c spanhouse ${seen} -l ${option.slice(2)}${taken}`;
      }),
    ];
  });
  return `# fish completion of spanhouse: spanhouse completion fish | source\n${lines.join("\n")}\n`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;
}
