/** What the SDK takes from the runtime. Nothing is imported: edge runtimes lack the modules, and must load the file. */

interface BuiltinModules {
  "node:buffer": typeof import("node:buffer");
  "node:async_hooks": typeof import("node:async_hooks");
  "node:crypto": typeof import("node:crypto");
  "node:child_process": typeof import("node:child_process");
  "node:path": typeof import("node:path");
  "node:worker_threads": typeof import("node:worker_threads");
  "node:http": typeof import("node:http");
  "node:https": typeof import("node:https");
  "node:zlib": typeof import("node:zlib");
}

interface RuntimeProcess {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly argv?: readonly string[];
  readonly pid?: number;
  readonly getBuiltinModule?: (name: string) => unknown;
  readonly on?: (event: "beforeExit" | "exit", listener: () => void) => unknown;
}

const runtimeProcess = (globalThis as { readonly process?: RuntimeProcess }).process;

/** A module of Node (Bun and Deno have them too); undefined where the runtime has none. */
export const builtin = <Name extends keyof BuiltinModules>(name: Name): BuiltinModules[Name] | undefined => {
  try {
    return runtimeProcess?.getBuiltinModule?.(name) as BuiltinModules[Name] | undefined;
  } catch {
    return undefined;
  }
};

/** An environment variable; undefined where it is empty, or the runtime has none or denies it. */
export const environmentVariable = (name: string): string | undefined => {
  try {
    return runtimeProcess?.env?.[name] || undefined;
  } catch {
    return undefined;
  }
};

/** The program's file name without its folder and extension. */
export const programName = (): string => {
  const file = runtimeProcess?.argv?.[1]?.split(/[\\/]/).at(-1) ?? "";
  return file.replace(/\.[cm]?[jt]s$/, "") || "unknown_service";
};

/** Calls back whenever the process has nothing left to do; never where the runtime has no such moment. */
export const onIdle = (listener: () => void): void => {
  runtimeProcess?.on?.("beforeExit", listener);
};

/** Calls back when the process ends, however it comes to it, short of a signal. Only what is done at once is done. */
export const onExit = (listener: () => void): void => {
  runtimeProcess?.on?.("exit", listener);
};

/** Lets the process end although the timer runs. */
export const unref = <T>(timer: T): T => {
  (timer as { unref?: () => void }).unref?.();
  return timer;
};
