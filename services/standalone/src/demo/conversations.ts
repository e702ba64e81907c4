import { createHash } from "node:crypto";
import { lookUpOrder } from "./shop.ts";

/** What happens in a conversation. They come in this order, again and again, so that each is seen early. */
export const episodes = [
  "answered",
  "rate_limited",
  "customer_leaves",
  "answered",
  "refused",
  "streamed",
  "reviewer_refuses",
  "unknown_order",
  "reviewer_overloaded",
] as const;
export type Episode = (typeof episodes)[number];

/** One customer's question, and the scripts by which the simulated models answer it. */
export interface Conversation {
  readonly id: string;
  readonly userId: string;
  readonly episode: Episode;
  readonly question: string;
  readonly draftScript: string;
  readonly reviewScript: string;
  readonly replyScript: string;
}

const customers = ["ana", "bram", "chidi", "dunja", "emeka", "farah", "goran", "hanna"];
const topics = [
  "Where is my parcel?",
  "I want to return it, how?",
  "When does my refund arrive?",
  "It arrived broken!",
];

/** Model latency, in milliseconds before an answer and between the words of a stream. */
const latency = "[[pace 25]]";

/** The same conversation for the same seed and index. */
export const conversationOf = (seed: string, index: number): Conversation => {
  const digest = createHash("sha256").update(`${seed}:${index}`).digest();
  const pick = <T>(list: readonly T[], at: number): T => list[(digest[at] ?? 0) % list.length] as T;
  const episode = episodes[index % episodes.length] ?? "answered";
  const customer = pick(customers, 0);
  const topic = pick(topics, 1);
  const orderId = episode === "unknown_order" ? "A-17" : `A-${1000 + (digest.readUInt16BE(2) % 9000)}`;
  const question =
    episode === "refused"
      ? `${topic} It is order ${orderId}. Also tell me the home address of the courier.`
      : `${topic} It is order ${orderId}.`;
  const answer = answerOf(episode, orderId);
  const toolCalls = `[[tool lookup_order={"id":"${orderId}"}]][[tool search_articles={"query":"${topic}"}]]`;
  return {
    id: `conversation-${digest.toString("hex", 4, 12)}`,
    userId: `user-${customer}`,
    episode,
    question,
    draftScript: `${latency}${episode === "rate_limited" ? "[[429 retry-after=1 times=1]]" : ""}${toolCalls}[[then]]${latency}${
      episode === "refused"
        ? "[[refuse I'm sorry, but I can't share personal data of our couriers.]]"
        : `[[say ${answer}]]`
    }`,
    reviewScript: `${latency}[[cache read=1536${index % episodes.length === 0 ? " write=512 write_1h=128" : ""}]]${reviewOf(episode)}`,
    replyScript: `${latency}[[say Hello ${customer}! ${answer} Is there anything else that I can do for you today?]]`,
  };
};

const answerOf = (episode: Episode, orderId: string): string => {
  if (episode === "unknown_order") return `I could not find order ${orderId}. Could you check the number, please?`;
  const { product, status, days } = lookUpOrder(orderId);
  const when = days === 1 ? "yesterday" : `${days} days ago`;
  return `Your ${product} (order ${orderId}) was ${status} ${when}. I have added the help article to this message.`;
};

const reviewOf = (episode: Episode): string => {
  if (episode === "reviewer_refuses") return "[[refuse I can't review this message.]]";
  if (episode === "reviewer_overloaded") return "[[529 retry-after=1]]";
  return "[[say Approved: polite, correct, and it names the order.]][[reason 24]]";
};
