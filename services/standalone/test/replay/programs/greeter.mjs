import OpenAI from "openai";
import { trace, wrapOpenAI } from "spanhouse";

export async function greet({ name }, greeting) {
  const client = wrapOpenAI(new OpenAI({ apiKey: process.env.OPENAI_API_KEY ?? "none" }));
  return await trace("greet", { input: { name } }, async (span) => {
    const messages = [{ role: "user", content: `${greeting}, I am ${name}.` }];
    const { choices } = await client.chat.completions.create({ model: "gpt-4o", messages });
    span.setOutput(choices[0].message.content);
    return choices[0].message.content;
  });
}
if (process.argv[2] === "record") await greet({ name: "Ada" }, process.argv[3] ?? "Hello");
