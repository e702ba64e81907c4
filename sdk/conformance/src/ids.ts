import { createHash } from "node:crypto";

const base62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/** Gives the same sequence of ids for the same seed: a prefix and up to 64 base-62 characters. */
export const createIds = (seed: string) => {
  let count = 0;
  return (prefix: string, length: number): string => {
    count += 1;
    const digest = createHash("sha512").update(`${seed}:${count}`).digest();
    return prefix + Array.from(digest.subarray(0, length), (byte) => base62[byte % 62]).join("");
  };
};
