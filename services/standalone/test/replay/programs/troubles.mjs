import OpenAI from "openai";
import { span, tool, trace, wrapOpenAI } from "spanhouse";

const client = wrapOpenAI(new OpenAI({ maxRetries: 1 }));
const lookUp = tool("look_up", (id) => {
  throw new RangeError(`no ${id}`);
});

async function ask(content, script, stream = false) {
  return await span(content, async (active) => {
    const request = { model: "gpt-4o", stream, messages: [{ role: "user", content }] };
    try {
      const answer = await client.chat.completions.create(request, {
        headers: { "x-simulator-script": encodeURIComponent(script) },
      });
      let said = "";
      if (stream) for await (const { choices } of answer) said += choices[0]?.delta.content ?? "";
      else said = answer.choices[0].message.refusal ?? answer.choices[0].message.content;
      active.setOutput(said);
    } catch (error) {
      active.setOutput(`${error.constructor.name} ${error.status ?? ""}`);
    }
  });
}

await trace("troubles", { input: "a text" }, async () => {
  await ask("once too often", "[[429 retry-after=0 times=1]]");
  await ask("always too often", "[[429 retry-after=0]]");
  await ask("broken", "[[500]]");
  await ask("refused", "[[refuse I can't help with that.]]");
  await ask("in pieces", "[[say One two three.]]", true);
  await ask("cut", "[[cut after=3]]", true);
  await ask("not answered", "[[cut after=0]]");
  try {
    lookUp("A-1");
  } catch (error) {
    await span("failed", (active) => active.setOutput(`${error.name} ${error.message}`));
  }
});
