/** The shop that the support agent works for: its orders and its help articles, all made up. */
export interface Order {
  readonly id: string;
  readonly product: string;
  readonly status: "packed" | "shipped" | "delivered" | "returned";
  readonly days: number;
}

export interface Article {
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

export const products = [
  "walnut desk lamp",
  "linen duvet cover",
  "cast iron pan",
  "trail running shoes",
  "water filter",
];

export const articles: readonly Article[] = [
  {
    id: "shipping-times",
    title: "How long shipping takes",
    text: "A shipped parcel arrives within two to four working days. Tracking starts the evening it leaves us.",
  },
  {
    id: "returns",
    title: "How to send something back",
    text: "You may return an unused product within 30 days. Print the label from your account; the return is free.",
  },
  {
    id: "refunds",
    title: "When a refund arrives",
    text: "We refund within five working days after a returned product reached us, the way you paid.",
  },
  {
    id: "damaged",
    title: "Something arrived broken",
    text: "Send us a photo of what arrived damaged or broken within 14 days. We replace it without a return.",
  },
];

export class OrderNotFoundError extends Error {
  override readonly name = "OrderNotFoundError";
}

/** Orders `A-1000` to `A-9999` exist; what they are follows from their number. Throws for any other. */
export const lookUpOrder = (id: string): Order => {
  const number = Number(/^A-([1-9]\d{3})$/.exec(id)?.[1]);
  if (Number.isNaN(number)) throw new OrderNotFoundError(`no order ${id}, expected A-1000 to A-9999`);
  const statuses = ["packed", "shipped", "delivered", "returned"] as const;
  return {
    id,
    product: products[number % products.length] ?? "",
    status: statuses[number % statuses.length] ?? "packed",
    days: 1 + (number % 9),
  };
};
