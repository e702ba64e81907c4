import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { pages } from "../pages.mjs";

const source = fileURLToPath(new URL("../.source", import.meta.url));

const title = (page) => /^# (.*)$/m.exec(readFileSync(join(source, page), "utf8"))?.[1] ?? page;
const link = (page) => (page === "README.md" ? "/" : `/${page.replace(/\.md$/, "")}`);

// biome-ignore lint/style/noDefaultExport: VitePress asks for it
export default {
  title: "Spanhouse",
  description: "LLM tracing as an event stream: exact spend, one trace to the exact bytes.",
  srcDir: ".source",
  outDir: ".site",
  rewrites: { "README.md": "index.md" },
  // Files of the repository that are no pages.
  ignoreDeadLinks: [/\/services\//, /\/infra\//, /\/bench\//, /\/sdk\//, /LICENSE/],
  themeConfig: {
    search: { provider: "local" },
    outline: { level: [2, 3] },
    sidebar: pages.map(({ text, items }) => ({
      text,
      items: items.map((page) => ({ text: title(page), link: link(page) })),
    })),
  },
};
