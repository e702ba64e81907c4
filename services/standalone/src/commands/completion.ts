import { SpanhouseError } from "@spanhouse/schemas/errors";
import type { Command, CommandContext, CommandEntry } from "../command.ts";
import { bashScript } from "../completion/bash-script.ts";
import { commandWords } from "../completion/command-words.ts";
import { fishScript } from "../completion/fish-script.ts";
import { zshScript } from "../completion/zsh-script.ts";

const shells = { bash: bashScript, zsh: zshScript, fish: fishScript } as const;

const usage = `spanhouse completion bash|zsh|fish

Prints a script by which the shell completes commands, their actions, options and values.

  bash   source <(spanhouse completion bash)
  zsh    spanhouse completion zsh > "\${fpath[1]}/_spanhouse"
  fish   spanhouse completion fish > ~/.config/fish/completions/spanhouse.fish`;

/** `commands`: all that there are. */
export function createCompletion(commands: readonly CommandEntry[]): Command {
  return { usage, run };

  async function run(args: readonly string[], { print }: CommandContext): Promise<number> {
    const [shell = "", ...more] = args;
    const script = Object.entries(shells).find(([name]) => name === shell)?.[1];
    if (script === undefined || more.length > 0) {
      throw new SpanhouseError(
        "CONFIG",
        `expected ${Object.keys(shells).join(", ")}; got ${JSON.stringify(args.join(" "))}`,
      );
    }
    const known = await Promise.all(
      commands.map(async ({ name, summary, load }) => commandWords(name, summary, (await load()).usage)),
    );
    print(script(known).trimEnd());
    return 0;
  }
}
