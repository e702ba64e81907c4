import { onExit, onIdle } from "./runtime.ts";
import { type InitOptions, settingsOf } from "./settings.ts";
import { Tracer } from "./tracer.ts";

/** The process's tracer: the ESM and the CJS build of this package share it. */
const key = Symbol.for("spanhouse.tracer.1");
const shared = globalThis as { [key]?: Tracer };

/** So long does a process that is done wait for its last spans. */
const idleFlushMs = 2_000;

/** The tracer in force; made from the environment where `init` was not called. */
export const tracer = (): Tracer => shared[key] ?? replaceTracer({});

/** Puts a new tracer in place. What the old one still holds is sent in the background. */
export const replaceTracer = (options: InitOptions): Tracer => {
  const old = shared[key];
  const fresh = new Tracer(settingsOf(options), options);
  shared[key] = fresh;
  if (old === undefined) {
    onIdle(() => void tracer().finish(idleFlushMs));
    onExit(() => {
      const current = shared[key];
      if (current?.settings.replays) current.finishNow();
    });
  } else {
    void old.shutdown(idleFlushMs);
  }
  return fresh;
};
