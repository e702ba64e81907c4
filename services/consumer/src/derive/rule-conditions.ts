/** When a rule holds: Unix nanoseconds, half-open. */
export interface Period {
  readonly from: bigint;
  readonly to: bigint;
}

const always = 1n << 80n;

export function dated({ from, to }: { readonly from?: string | undefined; readonly to?: string | undefined }): Period {
  return { from: from === undefined ? 0n : nanos(from), to: to === undefined ? always : nanos(to) };
}

export function isInForce({ from, to }: Period, at: bigint): boolean {
  return at >= from && at < to;
}

function nanos(text: string): bigint {
  return BigInt(Date.parse(text)) * 1_000_000n;
}

/** Whether a value fits a pattern in which `*` stands for any characters; upper and lower case are one. No pattern fits all. */
export function globbed(pattern: string | undefined): (value: string) => boolean {
  if (pattern === undefined) return () => true;
  const wanted = pattern.toLowerCase();
  if (!wanted.includes("*")) return (value) => value.toLowerCase() === wanted;
  const escaped = wanted.split("*").map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  const expression = new RegExp(`^${escaped.join(".*")}$`, "s");
  return (value) => expression.test(value.toLowerCase());
}
