import { readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

export interface CodeBlock {
  /** Where it stands: `docs/guides/prices.md:41`. */
  readonly place: string;
  readonly file: string;
  readonly language: string;
  readonly code: string;
  /** Why it cannot be run here. */
  readonly notRun: string | undefined;
  /** What must be there before it, of the same language; of YAML and JSON what it is. */
  readonly before: string;
}

const root = new URL("../../../../", import.meta.url);
const fence = /^( *)```(\w*)\n(.*?)^ *```$/gms;

/** What a comment right above a block says: `<!-- not run: why -->` or `<!-- with: code -->`. */
const directive = /<!-- (not run|with): ((?:(?!-->).)*?)\s*-->\s*$/s;

/** All code blocks of the pages that people read; those without a language are pictures. */
export function codeBlocks(): CodeBlock[] {
  const files = [
    ...["README.md", "sdk/typescript/README.md", "sdk/python/README.md"],
    ...readdirSync(new URL("docs/", root), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md"))
      .map((name) => `docs/${name}`)
      .sort(),
  ];
  return files.flatMap((file) => {
    const text = readFileSync(new URL(file, root), "utf8");
    return [...text.matchAll(fence)].flatMap((found): CodeBlock[] => {
      const [, indent = "", language = "", code = ""] = found;
      if (language === "") return [];
      const above = text.slice(0, found.index);
      const [, kind, said = ""] = directive.exec(above) ?? [];
      return [
        {
          place: `${file}:${above.split("\n").length}`,
          ...{ file, language },
          code: code.replaceAll(new RegExp(`^${indent}`, "gm"), ""),
          notRun: kind === "not run" ? said : undefined,
          before: kind === "with" ? said : "",
        },
      ];
    });
  });
}

export const rootPath = fileURLToPath(root);
