import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";

const directory = join(import.meta.dirname, "..", "..", "peers", "collector");
const program = join(directory, "build", "otelcol-peer");

/** Builds the Collector with OpenTelemetry's builder where it is not built yet: needs Go and its modules, and minutes. */
export async function buildCollector(tell: (line: string) => void): Promise<string> {
  if (existsSync(program)) return program;
  tell("building the OpenTelemetry Collector, some minutes");
  const { builder } = collectorVersions();
  await promisify(execFile)(
    "go",
    ["run", `go.opentelemetry.io/collector/cmd/builder@${builder}`, "--config", "builder.yaml"],
    { cwd: directory, maxBuffer: 64 * 1024 * 1024 },
  );
  return program;
}

/** Of the builder and of each part, as its configuration names them. */
export function collectorVersions(): Readonly<Record<string, string>> {
  const text = readFileSync(join(directory, "builder.yaml"), "utf8");
  const parts = [...text.matchAll(/gomod: \S+\/(\w+) (v\S+)/g)].map(([, name, version]) => [name!, version!] as const);
  return { builder: `v${/^ {2}version: (\S+)/m.exec(text)?.[1]}`, ...Object.fromEntries(parts) };
}
