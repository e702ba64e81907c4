import OpenAI from "openai";
import { trace, wrapOpenAI } from "spanhouse";

const openai = wrapOpenAI(new OpenAI({ apiKey: process.env.OPENAI_API_KEY ?? "none" }));
await trace("show and tell", { input: { of: "a parcel" } }, async (root) => {
  const image = await openai.images.generate({ model: "gpt-image-1", prompt: "A parcel" });
  const speech = await openai.audio.speech.create({ model: "tts-1", voice: "alloy", input: "It is on its way." });
  const sound = new Uint8Array(await speech.arrayBuffer());
  root.setOutput({ image: image.data[0].b64_json.length, sound: sound.length });
});
