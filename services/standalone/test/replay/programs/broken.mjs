import { answer } from "./support-agent.mjs";

const input = JSON.parse(process.argv[2]);
// The field is called `order`: its value is dropped.
await answer(input, ({ question, order_id }) => `Order: ${order_id}\n${question}`);
