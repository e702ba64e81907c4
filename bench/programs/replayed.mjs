// What `npm run bench -- replay` replays: turns of a model call and a tool, so many, one after the other or all at once.
import OpenAI from "openai";
import { tool, trace, wrapOpenAI } from "spanhouse";

const client = wrapOpenAI(new OpenAI());
const double = tool("double", (number) => number * 2);

async function turn(number) {
  const messages = [{ role: "user", content: `What is ${number} and ${number}?` }];
  await client.chat.completions.create({ model: "gpt-4o", messages });
  return double(number);
}

const [turns, order] = [Number(process.argv[2]), process.argv[3]];
await trace("count", { input: turns }, async (root) => {
  const numbers = Array.from({ length: turns }, (_, i) => i);
  let sum = 0;
  if (order === "concurrent") for (const one of await Promise.all(numbers.map(turn))) sum += one;
  else for (const number of numbers) sum += await turn(number);
  root.setOutput(sum);
});
