// Runs a program from its TypeScript source as if it had been built: node run-program.mjs FILE ARGS…
import { resolve } from "node:path";
import { runnerImport } from "vite";

const [, program] = process.argv.splice(1, 2);
process.argv.splice(1, 0, resolve(program));
await runnerImport(process.argv[1], {
  configFile: false,
  resolve: { conditions: ["@spanhouse/source"], externalConditions: ["@spanhouse/source"] },
});
