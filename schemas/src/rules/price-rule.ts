import { z } from "zod";
import { billingUnits } from "../billing-units.ts";
import { effectiveDates } from "./effective-dates.ts";
import { parseRuleContent } from "./rule-content.ts";

/** Dollars, as text so that no digit is lost on the way; at most what unit prices are published to. */
const dollars = z.string().regex(/^\d{1,9}(\.\d{1,18})?$/, 'expected dollars such as "2.50"');
const priceKeys = billingUnits.map(({ priceKey }) => priceKey);
const published = z.union([
  dollars,
  z.strictObject({
    base: dollars,
    tiers: z
      .array(z.strictObject({ start: z.int().min(1), price: dollars }))
      .min(1)
      .max(10),
  }),
]);

const pattern = z.string().min(1).max(200);
/** What a call must be for a rule to hold: every condition that is given. `*` stands for any characters. */
const match = z.strictObject({
  provider: pattern.optional(),
  model: pattern.optional(),
  credential: pattern.optional(),
  service_tier: pattern.optional(),
  region: pattern.optional(),
});

const kinds = {
  price: z.strictObject({
    kind: z.literal("price"),
    match,
    prices: z.partialRecord(z.enum(priceKeys), published).refine((prices) => Object.keys(prices).length > 0, {
      message: `expected at least one of ${priceKeys.join(", ")}`,
    }),
    ...effectiveDates,
  }),
  discount: z.strictObject({
    kind: z.literal("discount"),
    match,
    percent: z
      .string()
      .regex(/^(-\d{1,4}|\d{1,2}|100)(\.\d{1,6})?$/, 'expected a percentage up to "100"; "-10" adds 10 %'),
    ...effectiveDates,
  }),
  alias: z.strictObject({
    kind: z.literal("alias"),
    match: match.required({ model: true }),
    provider: z.string().min(1).max(200).optional(),
    model: z.string().min(1).max(200),
    ...effectiveDates,
  }),
  commitment: z.strictObject({
    kind: z.literal("commitment"),
    match: z.strictObject({ provider: pattern.optional() }),
    amount: dollars,
    per: z.enum(["month", "year"]),
    ...effectiveDates,
  }),
} as const;

/** What `spanhouse prices set` takes and the table `prices` keeps, as JSON. */
export const priceRuleSchema = z.discriminatedUnion("kind", [
  kinds.price,
  kinds.discount,
  kinds.alias,
  kinds.commitment,
]);
export type PriceRuleContent = z.infer<typeof priceRuleSchema>;
export type Commitment = Extract<PriceRuleContent, { kind: "commitment" }>;

/** Throws CONFIG naming what is wrong. */
export function parsePriceRule(name: string, content: unknown): PriceRuleContent {
  return parseRuleContent(priceRuleSchema, `price rule ${name}`, content);
}
