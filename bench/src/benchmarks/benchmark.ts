import type { Figure } from "../measure/report.ts";

/** One measurement by name: `npm run bench -- NAME`. */
export interface Benchmark {
  readonly name: string;
  readonly summary: string;
  /** Its own arguments with their defaults, `--name VALUE`; all are numbers. */
  readonly options: Readonly<Record<string, number>>;
  run(options: Readonly<Record<string, number>>, tell: (line: string) => void): Promise<BenchmarkResult>;
}

export interface BenchmarkResult {
  readonly figures: readonly Figure[];
  /** Of what was measured, beside Node and Spanhouse. */
  readonly versions: Readonly<Record<string, string>>;
}
