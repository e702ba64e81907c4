/**
 * Resolves with the first SIGINT or SIGTERM of this process. Later ones change nothing, for a terminal and whoever passes
 * signals on send the same one twice, and the second must not cut an orderly end short.
 */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, resolve);
  });
}
