import { z } from "zod";

const url = z.url({ protocol: /^https?$/, error: "expected an http or https URL" });
const allow_private = z.boolean().default(false);

const alertmanager = z.strictObject({
  url: url.describe("up to /api/v2"),
  token: z.string().min(1).optional(),
  allow_private,
});

const webhook = z
  .strictObject({
    url,
    secret: z.string().min(16, "expected at least 16 characters").optional(),
    template: z.enum(["spanhouse", "slack"]).default("spanhouse"),
    allow_private,
  })
  .refine(({ secret, template }) => secret !== undefined || template === "slack", {
    error: "expected a secret, by which the receiver knows that it is told by Spanhouse",
    path: ["secret"],
  });

/** Who is told, as the operator's file says it. Rules name receivers; their addresses and secrets are in no rule. */
export const receiverSchema = z
  .strictObject({
    name: z.string().regex(/^[\w.-]{1,100}$/, 'expected letters, digits, ".", "_" and "-"'),
    alertmanager: alertmanager.optional(),
    webhook: webhook.optional(),
  })
  .refine((one) => (one.alertmanager === undefined) !== (one.webhook === undefined), {
    error: "expected alertmanager or webhook, and not both",
  });
export type ReceiverConfig = z.infer<typeof receiverSchema>;
