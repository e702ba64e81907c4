import Anthropic from "@anthropic-ai/sdk";
import OpenAI from "openai";
import { trace, wrapAnthropic, wrapOpenAI } from "spanhouse";

const openai = wrapOpenAI(new OpenAI());
const anthropic = wrapAnthropic(new Anthropic());
const messages = [{ role: "user", content: "Where is my parcel?" }];

await trace("ask all", { input: { all: true } }, async (root) => {
  const said = [];
  const answer = await openai.responses.create({ model: "gpt-4o", input: "Where is my parcel?" });
  said.push(answer.output_text);
  for await (const event of await openai.responses.create({ model: "gpt-4o", input: "And now?", stream: true })) {
    if (event.type === "response.output_text.delta") said.push(event.delta);
  }
  const { data } = await openai.embeddings.create({ model: "text-embedding-3-small", input: ["parcel"] });
  said.push(data[0].embedding.length);
  const request = { model: "claude-sonnet-4-6", max_tokens: 100, messages };
  said.push((await anthropic.messages.create(request)).content[0].text);
  said.push(await anthropic.messages.stream({ ...request, max_tokens: 200 }).finalText());
  root.setOutput(said);
});
