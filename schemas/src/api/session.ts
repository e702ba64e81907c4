import { z } from "zod";
import { timeSchema } from "./values.ts";

export const newSessionSchema = z.strictObject({ key: z.string().min(1).max(200).describe("an API key") });

/** What the key of a request, or of its session, may do. */
export const sessionSchema = z.object({
  project: z.string(),
  scopes: z.array(z.enum(["ingest", "read", "admin"])),
  now: timeSchema.describe("the server's clock"),
});
