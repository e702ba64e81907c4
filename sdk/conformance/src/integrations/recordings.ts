import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { RecordedRequest } from "../recording.ts";

export const features = ["chat", "stream", "tools", "embeddings", "cache", "refusal", "error", "agent"] as const;
export type Feature = (typeof features)[number];

/** Whom a program can name: `prompts` has the names. */
export type Told = "user" | "conversation";

/** A file of `recordings/`; `instrumentations/recording.mjs` writes them and says what they hold. */
export interface Recording {
  readonly instrumentation: string;
  readonly language: "node" | "python";
  readonly feature: Feature;
  /** By package. */
  readonly versions: Readonly<Record<string, string>>;
  /** An ExportTraceServiceRequest in OTLP JSON. */
  readonly otlp: unknown;
  /** The simulator's ground truth, a call each, in the order of their arrival. */
  readonly requests: readonly Omit<RecordedRequest, "requestId" | "requestBytes" | "responseBytes">[];
}

/** With what its instrumentation says of the program that was recorded. */
export interface JudgedRecording extends Recording {
  readonly tells: readonly Told[];
}

/** `instrumentation.json` of a folder; `instrumentations/README.md` describes it. */
export interface Instrumentation {
  readonly name: string;
  readonly language: "node" | "python";
  readonly title: string;
  readonly project: string;
  readonly features: readonly Feature[];
  /** Whom its program names in every feature. */
  readonly tells?: readonly Told[];
  /** What is missing by feature and aspect, and why. */
  readonly gaps: Readonly<Partial<Record<Feature, Readonly<Record<string, string>>>>>;
}

const instrumentationsFolder = join(import.meta.dirname, "..", "..", "instrumentations");
const recordingsFolder = join(import.meta.dirname, "..", "..", "recordings");

export function instrumentations(): readonly Instrumentation[] {
  return (["node", "python"] as const).flatMap((language) =>
    readdirSync(join(instrumentationsFolder, language), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap(({ name }) => {
        const file = join(instrumentationsFolder, language, name);
        if (!readdirSync(file).includes("instrumentation.json")) return [];
        const facts = JSON.parse(readFileSync(join(file, "instrumentation.json"), "utf8")) as Instrumentation;
        return [{ ...facts, name, language }];
      })
      .sort((a, b) => (a.name < b.name ? -1 : 1)),
  );
}

/** Of an instrumentation's features, those that have been recorded. */
export function recordingsOf({ name, features, tells = [] }: Instrumentation): readonly JudgedRecording[] {
  const recorded = new Set(recordedNames());
  return features
    .filter((feature) => recorded.has(`${name}/${feature}`))
    .map((feature) => ({
      ...(JSON.parse(readFileSync(join(recordingsFolder, name, `${feature}.json`), "utf8")) as Recording),
      tells,
    }));
}

/** Every folder and file name below `recordings/`: what has been recorded, whether or not it is still asked for. */
export function recordedNames(): readonly string[] {
  return readdirSync(recordingsFolder).flatMap((name) =>
    readdirSync(join(recordingsFolder, name)).map((file) => `${name}/${file.replace(/\.json$/, "")}`),
  );
}
