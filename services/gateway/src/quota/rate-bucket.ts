/**
 * A second's worth of tokens, filled at a rate. What is asked for is given while any token is left, and the rest is owed:
 * a request larger than a second's worth passes too, and the next ones wait until it is paid. So in any T seconds no more
 * than T + 1 seconds' worth and one request are given.
 */
export interface RateBucket {
  /** Seconds until it is worth asking again; 0 when the tokens were taken. */
  take(tokens: number, ratePerSecond: number): number;
  /** Of what was taken and not used. */
  giveBack(tokens: number): void;
}

export function createRateBucket(uptime: () => number): RateBucket {
  let tokens = Number.POSITIVE_INFINITY;
  let filledAt = uptime();
  let lastRate = 0;

  return {
    take(wanted, rate) {
      const now = uptime();
      tokens = Math.min(rate, tokens + ((now - filledAt) / 1000) * lastRate);
      filledAt = now;
      lastRate = rate;
      if (tokens <= 0) return Math.max(0.1, -tokens / rate);
      tokens -= wanted;
      return 0;
    },
    giveBack(unused) {
      tokens += unused;
    },
  };
}
