// `npm run docs`: the documentation as a static site in infra/docs/.site, by VitePress. The repository's Markdown is laid out
// as it lies here, so that its links hold; a link that leads nowhere fails the build.
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { install, root, runOrExit } from "../dev/bootstrap.mjs";
import { apiReference } from "./api-reference.mjs";
import { pages } from "./pages.mjs";

const folder = dirname(fileURLToPath(import.meta.url));
const source = join(folder, ".source");

function layOut() {
  rmSync(source, { recursive: true, force: true });
  mkdirSync(join(source, "docs"), { recursive: true });
  cpSync(join(root, "docs"), join(source, "docs"), { recursive: true });
  const openapi = JSON.parse(readFileSync(join(root, "services", "query", "openapi.json"), "utf8"));
  writeFileSync(join(source, "docs", "api.md"), apiReference(openapi));
  const listed = pages.flatMap(({ items }) => items);
  for (const page of listed) {
    if (!existsSync(join(source, page))) cpSync(join(root, page), join(source, page));
  }
  const unlisted = readdirSync(join(source, "docs"), { recursive: true })
    .map((name) => `docs/${name}`)
    .filter((name) => name.endsWith(".md") && !listed.includes(name));
  if (unlisted.length === 0) return;
  process.stderr.write(`infra/docs/pages.mjs does not list ${unlisted.join(", ")}\n`);
  process.exit(1);
}

install(folder);
layOut();
runOrExit(process.execPath, [join(folder, "node_modules", "vitepress", "bin", "vitepress.js"), "build", folder]);
process.stdout.write(`The site is in ${join(folder, ".site")}\n`);
