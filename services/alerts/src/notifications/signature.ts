import { createHmac } from "node:crypto";

/**
 * Headers by which a receiver knows that a body is ours and new: HMAC-SHA256 over `TIMESTAMP.BODY`, hex. It recomputes
 * the signature, compares in constant time, and takes no timestamp (Unix s) older than it likes.
 */
export function signatureHeaders(secret: string, body: string, nowMs: number): Readonly<Record<string, string>> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = createHmac("sha256", secret).update(`${timestamp}.${body}`).digest("hex");
  return { "spanhouse-timestamp": timestamp, "spanhouse-signature": `v1=${signature}` };
}
