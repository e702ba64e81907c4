/**
 * The newest clients, wrapped, against the provider simulator: prints the spans of each by name, as JSON. A rejection that
 * nobody handles ends it with an error.
 */
import Anthropic from "@anthropic-ai/sdk";
import { GoogleGenAI } from "@google/genai";
import { startProviderSimulator } from "@spanhouse/conformance/provider-simulator";
import { scriptHeader } from "@spanhouse/conformance/script";
import OpenAI from "openai";
import { flush, init, wrapAnthropic, wrapGoogleGenAI, wrapOpenAI } from "../src/spanhouse.ts";
import { startCollector } from "../test/collector.ts";

const simulator = await startProviderSimulator();
const collector = await startCollector();
init({ url: collector.url, service: "newest" });

const emitted = {};
const emittedBy = async (name, program) => {
  collector.spans.length = 0;
  await program();
  await flush();
  emitted[name] = collector.spans.map((span) => (span.status === 2 ? `${span.name}: failed` : span.name));
};
const options = { apiKey: "sk-newest-0001", maxRetries: 0 };
const messages = [{ role: "user", content: "Where is my parcel?" }];
const scripted = (script) => ({ headers: { "x-simulator-script": scriptHeader(script) } });
const readAll = async (stream) => {
  for await (const _event of stream);
};

await emittedBy("openai", async () => {
  const openai = wrapOpenAI(new OpenAI({ ...options, baseURL: `${simulator.url}/v1` }));
  const { chat, completions, embeddings, responses } = openai;
  const ask = { model: "gpt-4o", messages };
  await chat.completions.create(ask);
  await readAll(await chat.completions.create({ ...ask, stream: true }));
  await chat.completions.create(ask).withResponse();
  await (await chat.completions.create(ask).asResponse()).json();
  await chat.completions.stream(ask).finalChatCompletion();
  await chat.completions.parse(ask, scripted("[[say {}]]"));
  const look = { name: "look", parameters: { type: "object" }, function: () => "here", parse: JSON.parse };
  const tools = [{ type: "function", function: look }];
  await chat.completions.runTools({ ...ask, tools }, scripted("[[tool look={}]][[then]][[say Here.]]")).done();
  await responses.create({ model: "gpt-4o", input: "Hello" });
  await readAll(responses.stream({ model: "gpt-4o", input: "Hello" }));
  await embeddings.create({ model: "text-embedding-3-small", input: "Hello" });
  await openai.withOptions({ timeout: 5_000 }).completions.create({ model: "davinci-002", prompt: "Once" });
  for (const failing of [chat.completions.create(ask, scripted("[[429]]")), completions.create({}, scripted(""))]) {
    await failing.catch(() => undefined);
  }
  await chat.completions.parse(ask, scripted("[[500]]")).catch(() => undefined);
});

await emittedBy("anthropic", async () => {
  const anthropic = wrapAnthropic(new Anthropic({ ...options, baseURL: simulator.url }));
  const ask = { model: "claude-haiku-4-5", max_tokens: 99, messages };
  await anthropic.messages.create(ask);
  await anthropic.messages.stream(ask).finalMessage();
  await anthropic.beta.messages.create(ask);
  await anthropic.messages.create(ask, scripted("[[529]]")).catch(() => undefined);
});

await emittedBy("google", async () => {
  const google = wrapGoogleGenAI(new GoogleGenAI({ ...options, httpOptions: { baseUrl: simulator.url } }));
  const ask = { model: "gemini-2.5-flash", contents: "Hello" };
  await google.models.generateContent(ask);
  await readAll(await google.models.generateContentStream(ask));
  await google.chats.create({ model: ask.model }).sendMessage({ message: "Hello" });
});

await Promise.all([simulator.stop(), collector.stop()]);
process.stdout.write(JSON.stringify(emitted));
