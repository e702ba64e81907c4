import { replaceTracer, tracer } from "./default-tracer.ts";
import type { Delivery } from "./export/exporter.ts";
import type { InitOptions } from "./settings.ts";

/**
 * Settles how spans are made and sent. Not needed where the environment says enough. A second call starts afresh; what was
 * not sent yet is sent as the first said. Throws a TypeError that names the option that makes no sense.
 */
export const init = (options: InitOptions = {}): void => {
  replaceTracer(options);
};

/**
 * Sends what has ended, and waits for it at most so many milliseconds (5,000 by default). Says what became of all spans
 * since `init`; `pending` is 0 unless the time was up. For serverless functions: await it before the answer. Never rejects.
 */
export const flush = async (timeoutMs = 5_000): Promise<Delivery> => {
  const current = tracer();
  await current.flush(timeoutMs);
  return current.delivery;
};

/** The same at the end of the program: says how many spans there were, so that the server knows of any it has not got. */
export const shutdown = async (timeoutMs = 5_000): Promise<Delivery> => {
  const current = tracer();
  await current.shutdown(timeoutMs);
  return current.delivery;
};
