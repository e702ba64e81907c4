import { readdirSync, readFileSync } from "node:fs";

/** What a process and all that it started have used so far, from Linux's /proc. */
export interface ProcessUsage {
  readonly cpuSeconds: number;
  /** The most that was ever resident, summed over the processes that live now. */
  readonly peakBytes: number;
  /** Resident now, summed over them; pages that they share count for each. */
  readonly residentBytes: number;
}

/** USER_HZ: 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** Throws where the process is gone or the system has no /proc. */
export function usageOf(pid: number): ProcessUsage {
  let [ticks, peakKiB, residentKiB] = [0, 0, 0];
  for (const one of familyOf(pid)) {
    const fields = statOf(one);
    // utime, stime, and those of children that ended: fields 14 to 17 of proc_pid_stat(5), of which ours begin with the third.
    for (const field of fields.slice(11, 15)) ticks += Number(field);
    const status = readFileSync(`/proc/${one}/status`, "utf8");
    peakKiB += Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
    residentKiB += Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1] ?? 0);
  }
  return { cpuSeconds: ticks / ticksPerSecond, peakBytes: peakKiB * 1024, residentBytes: residentKiB * 1024 };
}

function familyOf(pid: number): number[] {
  const family = [pid];
  for (let i = 0; i < family.length; i++) {
    const parent = family[i]!;
    for (const thread of readdirSync(`/proc/${parent}/task`)) {
      family.push(...childrenOf(parent, thread));
    }
  }
  return family;
}

/** None of a thread that has ended since it was listed. */
function childrenOf(pid: number, thread: string): number[] {
  try {
    const children = readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim();
    return children === "" ? [] : children.split(" ").map(Number);
  } catch {
    return [];
  }
}

/** The fields after the name, which may hold anything. */
function statOf(pid: number): string[] {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ");
}
