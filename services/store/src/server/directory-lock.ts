import { closeSync, ftruncateSync, openSync, readFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { SpanhouseError } from "@spanhouse/schemas/errors";

/** flock(2)'s LOCK_EX | LOCK_NB, the same on Linux and macOS. */
const exclusiveWithoutWaiting = 2 | 4;

/**
 * Holds a directory for this process until `release` or the process's end, however it ends: the kernel keeps the lock,
 * so none is ever stale. The pid in the file is for people.
 * Throws STORE_IN_USE when somebody else (or this process, once more) holds it.
 */
export async function lockDirectory(directory: string): Promise<{ release(): void }> {
  const file = join(directory, "lock");
  const descriptor = openSync(file, "a+", 0o600);
  if (!(await flock(descriptor))) {
    closeSync(descriptor);
    const holder = readFileSync(file, "utf8").trim();
    throw new SpanhouseError(
      "STORE_IN_USE",
      `${directory} is in use by process ${holder || "(unknown)"}: stop it, or choose another data directory.`,
    );
  }
  ftruncateSync(descriptor);
  writeSync(descriptor, `${process.pid}\n`);
  return { release: () => closeSync(descriptor) };
}

async function flock(descriptor: number): Promise<boolean> {
  const { DataType, load, open } = await import("ffi-rs");
  open({ library: "libc", path: "" });
  const result = load({
    library: "libc",
    funcName: "flock",
    retType: DataType.I32,
    paramsType: [DataType.I32, DataType.I32],
    paramsValue: [descriptor, exclusiveWithoutWaiting],
  });
  return result === 0;
}
