import type { CommandWords } from "./command-words.ts";

/** For `source <(spanhouse completion bash)`: bash 3.2 and later. */
export function bashScript(commands: readonly CommandWords[]): string {
  const cases = commands.map(({ name, actions, options, values }) => {
    const byOption = [...values].map(([option, words]) => `      ${option}) words="${words.join(" ")}" ;;`);
    return `    ${name})
      case "$before" in
${byOption.join("\n")}${byOption.length > 0 ? "\n" : ""}      --out|--file|--value|--data) COMPREPLY=($(compgen -f -- "$word")); return ;;
      *) if [[ $word == -* ]]; then words="${options.join(" ")}"; elif [[ $COMP_CWORD -eq 2 ]]; then words="${actions.join(" ")}"; fi ;;
      esac
      ;;`;
  });
  return `# bash completion of spanhouse: source <(spanhouse completion bash)
_spanhouse() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" words=""
  COMPREPLY=()
  if [[ $COMP_CWORD -eq 1 ]]; then
    COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(" ")}" -- "$word"))
    return
  fi
  case "\${COMP_WORDS[1]}" in
${cases.join("\n")}
  esac
  if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$word")); else COMPREPLY=($(compgen -f -- "$word")); fi
}
complete -o filenames -F _spanhouse spanhouse
`;
}
