import { execFileSync } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { cpus, totalmem } from "node:os";

/** One figure of a measurement. `ok` is whether it meets its target; true where none is set. */
export interface Figure {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
  readonly target: number | null;
  readonly ok: boolean;
}

/** What every measuring command writes with `--json FILE`. */
export interface Report {
  readonly name: string;
  readonly date: string;
  readonly machine: {
    readonly cpu: string;
    readonly cores: number;
    readonly memoryBytes: number;
    readonly platform: string;
  };
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: readonly Figure[];
}

export function createReport(
  name: string,
  figures: readonly Figure[],
  versions: Readonly<Record<string, string>> = {},
): Report {
  const cores = cpus();
  return {
    name,
    date: new Date().toISOString(),
    machine: {
      cpu: cores[0]?.model.trim() ?? "unknown",
      cores: cores.length,
      memoryBytes: totalmem(),
      platform: `${process.platform}-${process.arch}`,
    },
    versions: { spanhouse: commit(), node: process.versions.node, ...versions },
    figures,
  };
}

export async function writeReport(file: string, report: Report): Promise<void> {
  await writeFile(file, `${JSON.stringify(report, null, 2)}\n`);
}

/** A line a figure. */
export function tableOf({ figures }: Report): string {
  const rows = figures.map(({ name, value, unit, target, ok }) => [
    name,
    `${Number.isInteger(value) ? value : value.toFixed(2)} ${unit}`,
    target === null ? "" : `${ok ? "meets" : "MISSES"} ${target}`,
  ]);
  const width = Math.max(...rows.map(([name]) => name!.length));
  return `${rows.map(([name, value, target]) => `${name!.padEnd(width)}  ${value}  ${target}`.trimEnd()).join("\n")}\n`;
}

function commit(): string {
  try {
    return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8", cwd: import.meta.dirname }).trim();
  } catch {
    return "unknown";
  }
}
