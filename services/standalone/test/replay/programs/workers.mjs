import OpenAI from "openai";
import { replayId, replayTime, retrieval, span, tool, trace, wrapOpenAI } from "spanhouse";

const client = wrapOpenAI(new OpenAI());
const find = retrieval("articles", async (query) => [{ id: "a-1", content: `about ${query}` }]);
// A plain function that gives text which reads as JSON: it must come back as text.
const asJson = tool("as_json", (value) => JSON.stringify({ value }));

async function ask(content) {
  const { choices } = await client.chat.completions.create({
    model: "gpt-4o",
    messages: [{ role: "user", content }],
  });
  return choices[0].message.content;
}

async function work(number) {
  const [article] = await find(`topic ${number}`);
  const own = await ask(`Say something of ${article.content}, it is ${replayTime()}, call it ${replayId()}.`);
  const stream = await client.chat.completions.create({
    model: "gpt-4o-mini",
    stream: true,
    messages: [{ role: "user", content: `Go on: ${own}` }],
  });
  let streamed = "";
  for await (const { choices } of stream) streamed += choices[0]?.delta.content ?? "";
  // All workers ask the same.
  const shared = await Promise.all([ask("What is the weather?"), ask("What is the weather?")]);
  return asJson({ streamed, shared }).length;
}

await trace("report", { input: { workers: 6 } }, async (root) => {
  const lengths = await Promise.all(Array.from({ length: 6 }, (_, i) => span("work", () => work(i))));
  root.setOutput(lengths);
});
// A replay has all of it all the same.
if (process.env.SPANHOUSE_REPLAY) process.exit(0);
