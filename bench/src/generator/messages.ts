import { type Ending, endings } from "./endings.ts";
import { prose } from "./prose.ts";
import type { Random } from "./random.ts";

/** Messages, arguments and documents as the semantic conventions write them, of the sizes that people send. */

const text = (content: string) => ({ type: "text", content });

export function inputMessages(random: Random, characters: number): string {
  const messages: object[] = [{ role: "system", parts: [text(prose(random, Math.min(900, characters / 3)))] }];
  let left = characters - 900;
  for (let turn = 0; left > 0 || turn === 0; turn++) {
    const size = Math.min(Math.max(left, 120), random.int(120, 1400));
    messages.push({ role: turn % 2 === 0 ? "user" : "assistant", parts: [text(prose(random, size))] });
    left -= size;
  }
  return JSON.stringify(messages);
}

export function outputMessages(
  random: Random,
  ending: Ending,
  characters: number,
  toolNames: readonly string[],
): string {
  const calls = toolNames.map((name) => ({
    type: "tool_call",
    id: `call_${random.hex(9)}`,
    name,
    arguments: toolArguments(random),
  }));
  const content = ending.answer ?? (ending === endings.calledTools ? "" : prose(random, characters));
  return JSON.stringify([{ role: "assistant", parts: [...(content === "" ? [] : [text(content)]), ...calls] }]);
}

export function toolArguments(random: Random): string {
  return JSON.stringify({ order: random.int(10_000, 99_999), query: prose(random, random.int(20, 120)) });
}

export function toolResult(random: Random): string {
  return JSON.stringify({ found: random.int(0, 9), text: prose(random, random.int(150, 1_300)) });
}

export function documents(random: Random): string {
  const found = Array.from({ length: random.int(2, 6) }, () => ({
    id: `doc-${random.hex(4)}`,
    score: random.int(500, 990) / 1000,
    content: prose(random, random.int(250, 700)),
  }));
  return JSON.stringify(found);
}
