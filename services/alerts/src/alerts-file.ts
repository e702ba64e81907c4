import { readFile } from "node:fs/promises";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { parseAlertRule } from "@spanhouse/store/alerts/alert-rule";
import { isProjectName } from "@spanhouse/store/projects";
import { parse as parseYaml } from "yaml";
import { z } from "zod";
import { type ReceiverConfig, receiverSchema } from "./notifications/receiver-config.ts";
import type { FoundRule } from "./rules-in-force.ts";

/** What the operator says: who is told, and rules beside those that the API keeps. */
export interface AlertsFile {
  readonly receivers: readonly ReceiverConfig[];
  readonly rules: readonly FoundRule[];
}

const fileSchema = z.strictObject({
  receivers: z
    .array(receiverSchema)
    .default([])
    .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, "expected each name once"),
  rules: z
    .array(
      z.looseObject({
        project: z.string().refine(isProjectName, "expected the name of a project"),
        name: z.string(),
      }),
    )
    .default([]),
});

/** Of no file: nobody is told, and there are the rules of the API. Throws CONFIG naming what is wrong. */
export async function readAlertsFile(path: string): Promise<AlertsFile> {
  if (path === "") return { receivers: [], rules: [] };
  let content: unknown;
  try {
    content = parseYaml(await readFile(path, "utf8"));
  } catch (cause) {
    throw wrong(path, cause instanceof Error ? cause.message : String(cause));
  }
  const parsed = fileSchema.safeParse(content ?? {});
  if (!parsed.success) {
    throw wrong(path, parsed.error.issues.map(({ path: at, message }) => `${at.join(".")}: ${message}`).join("; "));
  }
  const { receivers, rules } = parsed.data;
  const found = rules.map(({ project, name, ...rule }): FoundRule => {
    try {
      return { project, name, rule: parseAlertRule(name, rule) };
    } catch (error) {
      throw error instanceof SpanhouseError ? wrong(path, error.message) : error;
    }
  });
  const known = new Set(receivers.map(({ name }) => name));
  for (const { name, rule } of found) {
    const unknown = rule.receivers.find((receiver) => !known.has(receiver));
    if (unknown) throw wrong(path, `alert rule ${name}: receivers: expected ${[...known].join(", ")}; got ${unknown}`);
  }
  return { receivers, rules: found };
}

function wrong(path: string, message: string): SpanhouseError {
  return new SpanhouseError("CONFIG", `SPANHOUSE_ALERTS_FILE ${path}: ${message}`);
}
