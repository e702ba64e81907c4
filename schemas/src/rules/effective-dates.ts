import { z } from "zod";

const instant = z.union([z.iso.date(), z.iso.datetime({ offset: true })]);

/** `from` and `to` of a rule: a day (from its midnight UTC) or a time; without them it always held, and holds for ever. */
export const effectiveDates = { from: instant.optional(), to: instant.optional() } as const;
