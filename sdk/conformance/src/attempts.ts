import { createHash } from "node:crypto";

/**
 * Which attempt of its call a request is, from 0. The official clients say so in `x-stainless-retry-count`; for any
 * other client it is how often the same bytes came before.
 */
export const createAttempts = () => {
  const seen = new Map<string, number>();
  return {
    numberOf(retryCount: string | string[] | undefined, request: string): number {
      if (retryCount !== undefined) return Number(retryCount);
      const key = createHash("sha256").update(request).digest("base64");
      const before = seen.get(key) ?? 0;
      seen.set(key, before + 1);
      return before;
    },
  };
};
