import { answer } from "./support-agent.mjs";

const input = JSON.parse(process.argv[2]);
await answer(input, ({ question, order }) => `Order: ${order}\n${question}`);
