import { execFile } from "node:child_process";
import { mkdir } from "node:fs/promises";
import { promisify } from "node:util";

export interface SmallDisk {
  readonly path: string;
  unmount(): Promise<void>;
}

const size = "1g";

/** A file system in memory at this place, as only root may mount one; undefined where that is not allowed. */
export async function mountSmallDisk(path: string): Promise<SmallDisk | undefined> {
  const run = promisify(execFile);
  await mkdir(path, { recursive: true });
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${size}`, "tmpfs", path]);
  } catch {
    return undefined;
  }
  return {
    path,
    async unmount() {
      await run("umount", ["-l", path]);
    },
  };
}
