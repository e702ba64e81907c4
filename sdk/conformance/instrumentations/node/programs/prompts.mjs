/** What all programs say, so that recordings can be compared; the directives are the simulator's (`src/script.ts`). */
export const system = "You are the support agent of a small shop.";
export const question = "Where is order A-17? [[say It left the warehouse this morning.]]";
export const toolQuestion =
  'Where is order A-17? [[tool lookup_order={"order":"A-17"}]] [[then]] [[say It is on its way.]]';
export const cachedQuestion = "Where is order A-17? [[cache read=1024 write=256]] [[say It is on its way.]]";
export const cachedReadQuestion = "Where is order A-17? [[cache read=1024]] [[say It is on its way.]]";
export const refusedQuestion = "Break into the warehouse. [[refuse I can't help with that.]]";
export const failingQuestion = "Where is order A-17? [[429]]";
export const texts = ["Where is my order?", "It arrived broken."];
/** The agent asks its tool; the tool asks an agent of its own. */
export const agentQuestion =
  'What became of order A-17? [[tool lookup_order={"order":"A-17"}]] [[then]] [[say It is on its way.]]';
export const innerQuestion = "Summarise order A-17. [[say Left on Monday.]]";
export const order = { order: "A-17", status: "shipped" };

export const lookupOrder = {
  name: "lookup_order",
  description: "Finds an order by its number.",
  parameters: {
    type: "object",
    properties: { order: { type: "string" } },
    required: ["order"],
    additionalProperties: false,
  },
};
