import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;
/** So long that only something broken takes it, on a machine that does much else. */
export const patienceMs = 180_000;

/** Asks again and again; what is asked may fail, as long as brokers or servers are away. Throws when time is up. */
export async function until(
  what: string,
  holds: () => Promise<boolean> | boolean,
  withinMs: number = patienceMs,
): Promise<void> {
  const deadline = Date.now() + withinMs;
  let failure: unknown;
  for (;;) {
    try {
      if (await holds()) return;
    } catch (error) {
      failure = error;
    }
    if (Date.now() > deadline) throw new Error(`waited ${withinMs / 1000} s in vain: ${what}`, { cause: failure });
    await delay(pollMs);
  }
}
