/**
 * A program under Bun or Deno, over the package's build: the arguments are the addresses of the provider simulator and of the
 * collector. Prints what `flush` says.
 */
import OpenAI from "openai";
import { currentSpan, flush, init, tool, trace, wrapOpenAI } from "../dist/spanhouse.js";

const [simulator, collector] = process.argv.slice(2);
init({ url: collector, service: "elsewhere" });
const openai = wrapOpenAI(new OpenAI({ apiKey: "sk-elsewhere-0001", baseURL: `${simulator}/v1`, maxRetries: 0 }));
const ask = { model: "gpt-4o", messages: [{ role: "user", content: "Where is my parcel?" }] };

await trace("handle message", { userId: "u-1" }, async () => {
  await Promise.all([
    openai.chat.completions.create(ask),
    tool("lookup", async (id) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      return { id, trace: currentSpan()?.traceId };
    })("A-1"),
  ]);
  const stream = await openai.chat.completions.create({
    ...ask,
    stream: true,
    stream_options: { include_usage: true },
  });
  for await (const _chunk of stream);
  const slowly = { headers: { "x-simulator-script": encodeURIComponent("[[pace 20]]") } };
  const left = await openai.chat.completions.create({ ...ask, stream: true }, slowly);
  for await (const _chunk of left) break;
});
process.stdout.write(JSON.stringify(await flush()));
