import { createHash } from "node:crypto";
import { EncryptJWT, jwtDecrypt } from "jose";
import type { z } from "zod";

/** A text that only this deployment can make or read: nothing of it is kept on the server. */
export interface SessionTokens {
  seal(content: object, seconds: number): Promise<string>;
  /** Undefined for what is none, was changed, or is past its time. */
  open<T>(token: string, schema: z.ZodType<T>): Promise<T | undefined>;
}

/** `secret`: the same for every process that serves the viewer. Another one ends all sessions. */
export function createSessionTokens(secret: string): SessionTokens {
  const key = createHash("sha256").update(secret).digest();
  return {
    async seal(content, seconds) {
      return new EncryptJWT({ ...content })
        .setProtectedHeader({ alg: "dir", enc: "A256GCM" })
        .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
        .encrypt(key);
    },
    async open(token, schema) {
      try {
        const { payload } = await jwtDecrypt(token, key, {
          ...{ keyManagementAlgorithms: ["dir"], contentEncryptionAlgorithms: ["A256GCM"] },
          requiredClaims: ["exp"],
        });
        return schema.safeParse(payload).data;
      } catch {
        return undefined;
      }
    },
  };
}
