import { z } from "zod";

/** `live`: the process answers. `ready`: it can do its work now; where it can't, the answer is a problem. */
export const healthSchema = z.object({ status: z.enum(["live", "ready"]) });
