import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { SpanhouseError } from "@spanhouse/schemas/errors";
import { type Case, readCase, writeCase } from "./case-file.ts";

const extension = ".case.jsonl";

/** A case that is kept: a folder of them, or one. Sorted by file. Throws CONFIG where there is none. */
export function readCases(path: string): Case[] {
  const files = filesAt(path);
  if (files.length === 0)
    throw new SpanhouseError("CONFIG", `${path}: expected a file *${extension}, or a folder of such`);
  return files.map((file) => readCase(readFileSync(file, "utf8"), file));
}

function filesAt(path: string): string[] {
  try {
    if (!statSync(path).isDirectory()) return [path];
    return readdirSync(path, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(extension))
      .sort()
      .map((name) => join(path, name));
  } catch {
    return [];
  }
}

/** Writes it to a file of its name, or to `path` where that is a file of the kind. Returns the file. */
export function keepCase(kept: Case, path: string): string {
  const isFile = path.endsWith(".jsonl");
  const name =
    kept.name
      .toLowerCase()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .replace(/^-+|-+$/g, "") || "case";
  const file = isFile ? path : join(path, `${name}${extension}`);
  if (!isFile) mkdirSync(path, { recursive: true });
  writeFileSync(
    file,
    writeCase({ ...kept, name: isFile ? basename(file).replace(/\.(case\.)?jsonl$/, "") : kept.name }),
  );
  return file;
}
