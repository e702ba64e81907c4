import type { CommandContext } from "./command.ts";

/** What a long work says of itself on stderr while it runs: one line that is written over, on a terminal alone. */
export interface Progress {
  /** At most a few times a second. */
  show(text: string): void;
  /** Takes the line away. */
  clear(): void;
}

const everyMs = 120;

export function progressOn({ progress }: Pick<CommandContext, "progress">): Progress {
  if (progress === undefined) return { show: () => undefined, clear: () => undefined };
  let last = 0;
  let shown = false;
  return {
    show(text) {
      const now = Date.now();
      if (now - last < everyMs) return;
      last = now;
      shown = true;
      progress.write(`\r${text.slice(0, progress.columns - 1)}\u001b[K`);
    },
    clear() {
      if (shown) progress.write("\r\u001b[K");
      shown = false;
    },
  };
}

const barWidth = 24;

/** A bar with the share that is done, 0 to 1. */
export function bar(share: number): string {
  const done = Math.max(0, Math.min(barWidth, Math.round(share * barWidth)));
  return `[${"=".repeat(done)}${" ".repeat(barWidth - done)}] ${String(Math.floor(Math.min(1, share) * 100)).padStart(3)} %`;
}
