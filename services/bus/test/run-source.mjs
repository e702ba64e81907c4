// Runs a TypeScript file from source in a process of its own, for tests that kill one: node run-source.mjs FILE ARGS…
import { resolve } from "node:path";
import { runnerImport } from "vite";

await runnerImport(resolve(process.argv[2]), {
  configFile: false,
  resolve: { conditions: ["@spanhouse/source"], externalConditions: ["@spanhouse/source"] },
});
