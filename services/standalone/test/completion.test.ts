import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { createCompletion } from "../src/commands/completion.ts";
import { commands } from "../src/commands.ts";
import { commandWords } from "../src/completion/command-words.ts";

async function script(shell: string): Promise<string> {
  const lines: string[] = [];
  const signal = new AbortController().signal;
  const context = { environment: {}, signal, print: (line: string) => lines.push(line) };
  expect(await createCompletion(commands).run([shell], context)).toBe(0);
  return lines.join("\n");
}

/** What bash itself offers after these words. */
async function offered(...words: readonly string[]): Promise<string[]> {
  const typed = ["spanhouse", ...words].map((word) => `'${word}'`).join(" ");
  const asked = `COMP_WORDS=(${typed}); COMP_CWORD=${words.length}; _spanhouse; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const said = execFileSync("bash", ["--norc", "-c", `${await script("bash")}\n${asked}`], { encoding: "utf8" });
  return said.split("\n").filter((line) => line !== "");
}

test("bash offers commands, their actions, their options and an option's values", async () => {
  expect(await offered("")).toEqual(expect.arrayContaining(commands.map(({ name }) => name)));
  expect(await offered("tr")).toEqual(["traces", "trace"]);
  expect(await offered("projects", "")).toEqual(["list", "create"]);
  expect(await offered("import", "lang")).toEqual(["langfuse", "langsmith"]);
  expect(await offered("traces", "--sort", "")).toEqual(["time", "cost", "duration", "tokens"]);
  expect(await offered("traces", "--min-c")).toEqual(["--min-cost"]);
  expect(await offered("prices", "h")).toEqual(["history"]);
});

test("zsh and fish know the same words", async () => {
  const [zsh, fish] = await Promise.all([script("zsh"), script("fish")]);
  expect(zsh).toContain("--sort) compadd -- time cost duration tokens; return ;;");
  expect(zsh).toContain("compadd -- list create");
  expect(fish).toContain("__fish_seen_subcommand_from traces' -l sort -x -a 'time cost duration tokens'");
  expect(fish).toContain("-d 'What calls cost, by model or any other dimension.'");
});

test("what an action is stands in the usage, and what is the user's own does not", () => {
  const usage =
    "spanhouse dlq list [--json]\nspanhouse dlq show ID\nspanhouse dlq set | unset NAME\n\nlist is not one here --all";
  const { actions, options } = commandWords("dlq", "", usage);
  expect(actions).toEqual(["list", "show", "set", "unset"]);
  expect(options).toEqual(["--all", "--help", "--json"]);
});

test.each([
  ...["traces", "trace", "tail", "cost", "latency", "refusals", "diagnose", "compare", "models", "import", "projects"],
  ...[
    "keys",
    "prices",
    "ownership",
    "dlq",
    "verify",
    "rebuild",
    "reprice",
    "close",
    "statement",
    "reconcile",
    "delivery",
  ],
])("%s answers programs too: it takes --json", async (name) => {
  const { usage } = await commands.find((one) => one.name === name)!.load();
  expect(usage).toContain("--json");
});
