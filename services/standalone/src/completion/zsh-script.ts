import type { CommandWords } from "./command-words.ts";

/** For a file `_spanhouse` in a folder of `$fpath`, or `source <(spanhouse completion zsh)` after `compinit`. */
export function zshScript(commands: readonly CommandWords[]): string {
  const described = commands.map(({ name, summary }) => `    ${quoted(`${name}:${summary}`)}`);
  const cases = commands.map(({ name, actions, options, values }) => {
    const byOption = [...values].map(
      ([option, words]) => `        ${option}) compadd -- ${words.join(" ")}; return ;;`,
    );
    const first = actions.length > 0 ? `(( CURRENT == 3 )) && compadd -- ${actions.join(" ")}` : ":";
    return `    ${name})
      case "$words[CURRENT-1]" in
${byOption.join("\n")}${byOption.length > 0 ? "\n" : ""}        *) ;;
      esac
      if [[ "$words[CURRENT]" == -* ]]; then compadd -- ${options.join(" ")}; else ${first}; _files; fi
      ;;`;
  });
  return `#compdef spanhouse
# zsh completion of spanhouse
_spanhouse() {
  local -a commands=(
${described.join("\n")}
  )
  if (( CURRENT == 2 )); then
    _describe 'command' commands
    return
  fi
  case "$words[2]" in
${cases.join("\n")}
  esac
}
compdef _spanhouse spanhouse
`;
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
